import { randomBytes } from "node:crypto";
import type { Document, DocumentStore } from "./store/document-store.ts";
import type { Sealed, Vault } from "./store/vault.ts";

/** Who signs requests by Signature Version 4: AWS for everything, DigitalOcean for Spaces. */
export type KeyVendor = "aws" | "digitalocean";

/** What a Spaces key may do; an AWS key may do everything in its account. An empty bucket means all. */
export interface KeyGrant {
  readonly bucket: string;
  readonly permission: "read" | "readwrite" | "fullaccess";
}

export interface AccessKeyBody {
  readonly vendor: KeyVendor;
  readonly accountId: string;
  readonly secret: Sealed;
  readonly grants: readonly KeyGrant[];
}

/** An access key; its id is the document's id, its label the document's name. */
export type AccessKey = Document<AccessKeyBody>;

/** Keys belong to no account in the store, since a request names its key and not its account. */
const ROOT = "root";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const PREFIX: Readonly<Record<KeyVendor, string>> = { aws: "AKIA", digitalocean: "DO00" };
const ID_LENGTH = 20;

/** Access keys of the local cloud, whichever vendor they belong to. */
export class AccessKeys {
  readonly #keys;
  readonly #vault: Vault;

  constructor({ store, vault }: { readonly store: DocumentStore; readonly vault: Vault }) {
    this.#keys = store.collection<AccessKeyBody>("access-key");
    this.#vault = vault;
  }

  /** Makes a key; its secret (40 characters) is told this once. The label is unique per vendor and account. */
  issue(key: {
    readonly vendor: KeyVendor;
    readonly accountId: string;
    readonly label: string;
    readonly grants: readonly KeyGrant[];
  }): { readonly key: AccessKey; readonly secret: string } {
    const { vendor, accountId, label, grants } = key;
    const secret = randomBytes(30).toString("base64").replaceAll("+", "A").replaceAll("/", "z");
    const inserted = this.#keys.insert(ROOT, {
      id: newId(vendor),
      name: `${vendor}/${accountId}/${label}`,
      body: { vendor, accountId, secret: this.#vault.seal(secret), grants },
    });
    return { key: inserted, secret };
  }

  find(accessKeyId: string): AccessKey | undefined {
    return this.#keys.get(ROOT, accessKeyId);
  }

  secretOf(key: AccessKey): string {
    return this.#vault.open(key.body.secret);
  }

  labelOf({ name, body }: AccessKey): string {
    return name.slice(`${body.vendor}/${body.accountId}/`.length);
  }

  list(vendor: KeyVendor, accountId: string): AccessKey[] {
    return this.#keys
      .list(ROOT)
      .filter(({ body }) => body.vendor === vendor && body.accountId === accountId);
  }

  /** Changes label and grants; the key itself stays. */
  change(accessKeyId: string, label: string, grants: readonly KeyGrant[]): AccessKey {
    const key = this.find(accessKeyId);
    if (key === undefined) throw new Error(`There is no access key ${accessKeyId}.`);
    const { vendor, accountId } = key.body;
    return this.#keys.update(ROOT, accessKeyId, {
      name: `${vendor}/${accountId}/${label}`,
      body: { ...key.body, grants },
    });
  }

  remove(accessKeyId: string): boolean {
    return this.#keys.remove(ROOT, accessKeyId);
  }
}

function newId(vendor: KeyVendor): string {
  const prefix = PREFIX[vendor];
  const letters = [...randomBytes(ID_LENGTH - prefix.length)].map((byte) => ALPHABET[byte % 32]);
  return prefix + letters.join("");
}
