import { randomInt } from "node:crypto";
import { AccessKeys } from "../access-keys.ts";
import { sealedAuthority, type WithAuthority } from "../authorities.ts";
import type { KeyPair } from "../engines/engines.ts";
import type { Document } from "../store/document-store.ts";
import type { VendorContext } from "../vendor-context.ts";
import { DEFAULT_REGION } from "./regions.ts";

/** One environment's account: the document's id is the account's, its name the environment's. */
type AccountBody = WithAuthority;

/** What a new environment's users need at AWS; the secret is shown this once. */
export interface IssuedAwsAccount {
  /** Twelve digits. */
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Where to work unless the environment says otherwise; every other region works as well. */
  readonly region: string;
}

const ROOT = "root";
const MAIN_KEY = "bulkhead";

const accountsOf = ({ store }: VendorContext) => store.collection<AccountBody>("aws-account");

/** Makes the environment's account, when absent, and a new key for it; the earlier one ends. */
export function issueAwsAccount(cloud: VendorContext, environment: string): IssuedAwsAccount {
  return cloud.store.transaction(() => {
    const accounts = accountsOf(cloud);
    const keys = new AccessKeys(cloud);
    const account =
      accounts.byName(ROOT, environment) ??
      accounts.insert(ROOT, { id: newAccountId(cloud), name: environment, body: {} });
    for (const key of keys.list("aws", account.id)) {
      if (keys.labelOf(key) === MAIN_KEY) keys.remove(key.id);
    }
    const { key, secret } = keys.issue({
      vendor: "aws",
      accountId: account.id,
      label: MAIN_KEY,
      grants: [],
    });
    return {
      accountId: account.id,
      accessKeyId: key.id,
      secretAccessKey: secret,
      region: DEFAULT_REGION,
    };
  });
}

export const allAccounts = (cloud: VendorContext): Document<AccountBody>[] =>
  accountsOf(cloud).list(ROOT);

/** The account's certificate authority, made at first use; it signs the certificate of every server. */
export const accountAuthority = (cloud: VendorContext, accountId: string): Promise<KeyPair> =>
  sealedAuthority(cloud, {
    documents: accountsOf(cloud),
    owner: ROOT,
    id: accountId,
    commonName: `Bulkhead local AWS ${accountId}`,
  });

/** The first digit is not 0, which programs that read the id as a number would lose. */
function newAccountId(cloud: VendorContext): string {
  const id = String(randomInt(1e11, 2e11) + randomInt(0, 8) * 1e11);
  return accountsOf(cloud).get(ROOT, id) === undefined ? id : newAccountId(cloud);
}
