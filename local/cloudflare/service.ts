import type { Context, Hono } from "hono";
import type { AccountInventory, HyperdriveSpec, WorkerSpec } from "../runtime/account-spec.ts";
import type { RuntimePool } from "../runtime/runtime-pool.ts";
import type { DocumentStore } from "../store/document-store.ts";
import type { Vault } from "../store/vault.ts";

/** What every service of the local Cloudflare is built on. */
export interface CloudContext {
  readonly store: DocumentStore;
  readonly vault: Vault;
  readonly runtimes: RuntimePool;
  /** What an account holds now. */
  readonly inventory: (accountId: string) => AccountInventory;
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
 * `contribute` what an account holds; it knows no service by name.
 */
export interface CloudflareService {
  readonly name: string;
  readonly routes: (cloud: CloudContext) => Hono<ApiEnv>;
  /** Routes mounted under `/signed` without authentication; their paths must be unguessable. */
  readonly signedRoutes?: (cloud: CloudContext) => Hono<ApiEnv>;
  readonly contribute?: (cloud: CloudContext, accountId: string) => Partial<AccountInventory>;
  /** The contributed Hyperdrive configurations with what it takes to reach their databases. */
  readonly describeHyperdrives?: (cloud: CloudContext, accountId: string) => HyperdriveSpec[];
  /** The contributed Workers as the runtime needs them, bound to what the account holds. */
  readonly describeWorkers?: (
    cloud: CloudContext,
    accountId: string,
    account: AccountInventory,
  ) => WorkerSpec[];
}
