import { Hono } from "hono";
import type { Document } from "../store/document-store.ts";
import type { Sealed } from "../store/vault.ts";
import { dnsLabel } from "./dns-label.ts";
import { ApiError, ok, okPage } from "./envelope.ts";
import { apiTokenValue, hexId, sha256Hex } from "./identifiers.ts";
import type { ApiEnv, CloudContext, CloudflareService } from "./service.ts";
import { ensureZone } from "./zones/zones.ts";

/** One environment's account. The account's name is the environment's. */
export interface AccountBody {
  /** `<script>.<workersSubdomain>.workers.dev` */
  readonly workersSubdomain: string;
}

export interface TokenBody {
  readonly accountId: string;
  /** The secret of the token's S3 access key: SHA-256 of the token's value, as at the vendor. */
  readonly s3Secret: Sealed;
}

/** What a new environment's users need; the token's value is shown this once. */
export interface IssuedEnvironment {
  readonly environment: string;
  readonly accountId: string;
  readonly tokenId: string;
  readonly apiToken: string;
  readonly workersSubdomain: string;
  /** The account's zone, for custom domains. */
  readonly zoneId: string;
  readonly domain: string;
}

const PAGE = { perPage: 20, maxPerPage: 50 };
/** Accounts and tokens belong to no account; the store wants a name for that place. */
const ROOT = "root";

const lookupKey = (token: string) => sha256Hex(`lookup:${token}`);

const accountsOf = ({ store }: CloudContext) => store.collection<AccountBody>("account");
const tokensOf = ({ store }: CloudContext) => store.collection<TokenBody>("token");

export const findAccount = (
  cloud: CloudContext,
  accountId: string,
): Document<AccountBody> | undefined => accountsOf(cloud).get(ROOT, accountId);

export const allAccounts = (cloud: CloudContext): Document<AccountBody>[] =>
  accountsOf(cloud).list(ROOT);

/** The account whose Workers are at `<script>.<subdomain>.workers.dev`. */
export const findAccountBySubdomain = (
  cloud: CloudContext,
  subdomain: string,
): Document<AccountBody> | undefined =>
  allAccounts(cloud).find(({ body }) => body.workersSubdomain === subdomain);

/** Whether the account could be given that subdomain: no two accounts have the same. */
export function setWorkersSubdomain(
  cloud: CloudContext,
  accountId: string,
  workersSubdomain: string,
): boolean {
  const holder = findAccountBySubdomain(cloud, workersSubdomain);
  if (holder !== undefined && holder.id !== accountId) return false;
  const account = findAccount(cloud, accountId);
  if (account === undefined) return false;
  accountsOf(cloud).update(ROOT, accountId, { body: { ...account.body, workersSubdomain } });
  return true;
}

/** Tokens belong to environments here, not to people; each stands for a person of its own all the same. */
export const tokenEmail = (tokenId: string): string =>
  `api-token+${tokenId.slice(0, 8)}@bulkhead.example`;

/** The token with this value. */
export const findToken = (cloud: CloudContext, value: string): Document<TokenBody> | undefined =>
  tokensOf(cloud).byName(ROOT, lookupKey(value));

/** The token with this id: the access key id of the S3 API. */
export const findTokenById = (
  cloud: CloudContext,
  tokenId: string,
): Document<TokenBody> | undefined => tokensOf(cloud).get(ROOT, tokenId);

/** Makes the environment's account, when absent, and a new token for it; older tokens of the account end. */
export function issueEnvironment(cloud: CloudContext, environment: string): IssuedEnvironment {
  return cloud.store.transaction(() => {
    const accounts = accountsOf(cloud);
    const tokens = tokensOf(cloud);
    const account =
      accounts.byName(ROOT, environment) ??
      accounts.insert(ROOT, {
        id: hexId(),
        name: environment,
        body: { workersSubdomain: freeSubdomain(cloud, environment) },
      });
    for (const token of tokens.list(ROOT)) {
      if (token.body.accountId === account.id) tokens.remove(ROOT, token.id);
    }
    const zone = ensureZone(cloud, account.id, environment);
    const apiToken = apiTokenValue();
    const token = tokens.insert(ROOT, {
      id: hexId(),
      name: lookupKey(apiToken),
      body: { accountId: account.id, s3Secret: cloud.vault.seal(sha256Hex(apiToken)) },
    });
    return {
      environment,
      accountId: account.id,
      tokenId: token.id,
      apiToken,
      workersSubdomain: account.body.workersSubdomain,
      zoneId: zone.id,
      domain: zone.name,
    };
  });
}

function freeSubdomain(cloud: CloudContext, environment: string): string {
  for (;;) {
    const subdomain = `${dnsLabel(environment)}-${hexId().slice(0, 6)}`;
    if (findAccountBySubdomain(cloud, subdomain) === undefined) return subdomain;
  }
}

function describeAccount({ id, name, createdAt }: Document<AccountBody>) {
  return {
    id,
    name,
    type: "standard",
    settings: { enforce_twofactor: false, abuse_contact_email: null },
    created_on: createdAt,
  };
}

/**
 * Accounts, memberships and token verification.
 * @see https://developers.cloudflare.com/api/resources/accounts/
 */
export const accountsService: CloudflareService = {
  name: "accounts",
  routes(cloud) {
    const own = (tokenId: string) => {
      const token = findTokenById(cloud, tokenId);
      const account = token && findAccount(cloud, token.body.accountId);
      return account === undefined ? [] : [account];
    };
    const verified = (tokenId: string) => ({ id: tokenId, status: "active" });

    return (
      new Hono<ApiEnv>()
        // `wrangler whoami` asks.
        .get("/user", (c) => ok(c, { id: c.get("tokenId"), email: tokenEmail(c.get("tokenId")) }))
        .get("/user/tokens/verify", (c) => ok(c, verified(c.get("tokenId"))))
        .get("/accounts", (c) => okPage(c, own(c.get("tokenId")).map(describeAccount), PAGE))
        .get("/memberships", (c) =>
          okPage(
            c,
            own(c.get("tokenId")).map((account) => ({
              id: account.id,
              status: "accepted",
              account: describeAccount(account),
              roles: ["Administrator"],
            })),
            PAGE,
          ),
        )
        .get("/accounts/:account/tokens/verify", (c) => ok(c, verified(c.get("tokenId"))))
        .get("/accounts/:account", (c) => {
          const account = findAccount(cloud, c.get("accountId"));
          if (account === undefined) throw new ApiError(404, 1003, "Account not found");
          return ok(c, describeAccount(account));
        })
    );
  },
};
