import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Text that only this vault can open again: `v1.<nonce>.<tag>.<ciphertext>`, base64url. */
export type Sealed = string & { readonly sealed: unique symbol };

/** Keeps secret values unreadable in the store's files, as a vendor's secret store does. */
export interface Vault {
  seal(plaintext: string): Sealed;
  /** Throws when the text was not sealed by this vault or was changed since. */
  open(sealed: Sealed): string;
}

const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/** Opens the vault whose key is in `keyFile`; makes a key there, readable by its owner only, when absent. */
export function openVault(keyFile: string): Vault {
  if (!existsSync(keyFile)) writeFileSync(keyFile, randomBytes(KEY_BYTES), { mode: 0o600 });
  const key = readFileSync(keyFile);
  if (key.length !== KEY_BYTES) {
    throw new Error(
      `The key file ${keyFile} has ${key.length} bytes instead of ${KEY_BYTES}, so stored Worker secrets cannot be read. ` +
        "Put the original file back, or run `npx bulkhead local reset`.",
    );
  }

  return {
    seal(plaintext) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce);
      const ciphertext = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
      const parts = [nonce, cipher.getAuthTag(), ciphertext].map((part) =>
        part.toString("base64url"),
      );
      return ["v1", ...parts].join(".") as Sealed;
    },
    open(sealed) {
      const [version, nonce, tag, ciphertext] = sealed.split(".");
      if (
        version !== "v1" ||
        nonce === undefined ||
        tag === undefined ||
        ciphertext === undefined
      ) {
        throw new Error("A stored secret does not have the form that the vault writes.");
      }
      const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(nonce, "base64url"));
      decipher.setAuthTag(Buffer.from(tag, "base64url"));
      return Buffer.concat([
        decipher.update(Buffer.from(ciphertext, "base64url")),
        decipher.final(),
      ]).toString("utf8");
    },
  };
}
