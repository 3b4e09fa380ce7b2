import type { Context, Hono } from "hono";
import type { AccountSpec } from "../runtime/account-spec.ts";
import type { RuntimePool } from "../runtime/runtime-pool.ts";
import type { DocumentStore } from "../store/document-store.ts";
import type { Vault } from "../store/vault.ts";

/** What every service of the local Cloudflare is built on. */
export interface CloudContext {
  readonly store: DocumentStore;
  readonly vault: Vault;
  readonly runtimes: RuntimePool;
  /** What an account's runtime must hold now. */
  readonly describeAccount: (accountId: string) => AccountSpec;
  /** Where this API is reached, e.g. `http://127.0.0.1:7380`; for links in answers. */
  readonly origin: () => string;
  /** A folder for files that a service keeps for a short time. */
  readonly scratchDir: string;
}

/** What authentication has established, by `context.get(…)`. */
export interface ApiEnv {
  Variables: {
    tokenId: string;
    /** The account of the path `/accounts/:account/…`, which the token may use. */
    accountId: string;
  };
}

export type ApiContext = Context<ApiEnv>;

/**
 * One vendor product. The server mounts `routes` under `/client/v4` behind authentication and asks
 * `contribute` what the account's runtime must hold; it knows no service by name.
 */
export interface CloudflareService {
  readonly name: string;
  readonly routes: (cloud: CloudContext) => Hono<ApiEnv>;
  /** Routes mounted under `/signed` without authentication; their paths must be unguessable. */
  readonly signedRoutes?: (cloud: CloudContext) => Hono<ApiEnv>;
  /** `storage`: what the services before this one have contributed; Workers are bound to it. */
  readonly contribute?: (
    cloud: CloudContext,
    accountId: string,
    storage: AccountSpec,
  ) => Partial<AccountSpec>;
}
