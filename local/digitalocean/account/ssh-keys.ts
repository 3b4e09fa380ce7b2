import { createHash } from "node:crypto";
import { type Document, NameTakenError } from "../../store/document-store.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { notFound, unprocessable } from "../envelope.ts";
import { nextNumber } from "../numbers.ts";

interface SshKeyBody {
  readonly label: string;
  readonly publicKey: string;
}

/** A public key; the document's id is its number, its name the fingerprint, which is unique. */
export type SshKey = Document<SshKeyBody>;

const KINDS = ["ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384"];

const keysOf = ({ store }: VendorContext) => store.collection<SshKeyBody>("do-ssh-key");

export const listSshKeys = (cloud: VendorContext, accountId: string): SshKey[] =>
  keysOf(cloud).list(accountId);

/** The key of that number or fingerprint. */
export const findSshKey = (
  cloud: VendorContext,
  accountId: string,
  idOrFingerprint: string,
): SshKey | undefined =>
  keysOf(cloud).get(accountId, idOrFingerprint) ?? keysOf(cloud).byName(accountId, idOrFingerprint);

export function requireSshKey(cloud: VendorContext, accountId: string, id: string): SshKey {
  const key = findSshKey(cloud, accountId, id);
  if (key === undefined) throw notFound("SSH key");
  return key;
}

export function createSshKey(
  cloud: VendorContext,
  accountId: string,
  label: string,
  publicKey: string,
): SshKey {
  try {
    return keysOf(cloud).insert(accountId, {
      id: String(nextNumber(cloud)),
      name: fingerprint(publicKey),
      body: { label, publicKey },
    });
  } catch (error) {
    if (!(error instanceof NameTakenError)) throw error;
    throw unprocessable("SSH Key is already in use on your account");
  }
}

export const renameSshKey = (cloud: VendorContext, key: SshKey, label: string): SshKey =>
  keysOf(cloud).update(key.account, key.id, { body: { ...key.body, label } });

export const removeSshKey = (cloud: VendorContext, { account, id }: SshKey): boolean =>
  keysOf(cloud).remove(account, id);

/** MD5 of the key's bytes in pairs of hexadecimal digits, as the vendor names a key. */
function fingerprint(publicKey: string): string {
  const [kind = "", encoded = ""] = publicKey.trim().split(/\s+/);
  const bytes = Buffer.from(encoded, "base64");
  // The bytes begin with the length and the name of the kind.
  const named = bytes.length > 4 && bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString();
  if (!KINDS.includes(kind) || named !== kind) {
    throw unprocessable("public_key: is not a public key. Give the line of a .pub file.");
  }
  const digest = createHash("md5").update(bytes).digest("hex");
  return (digest.match(/../g) ?? []).join(":");
}
