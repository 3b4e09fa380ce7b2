import * as pulumi from "@pulumi/pulumi";
import { CLOUDFLARE_SOURCES } from "../components/cloudflare-ranges.ts";
import { Hyperdrive } from "../components/hyperdrive.ts";
import { digitalOceanPostgres } from "../components/postgres/digitalocean.ts";
import { Postgres, type PostgresConnection } from "../components/postgres/postgres.ts";
import { selfHostedPostgres } from "../components/postgres/self-hosted.ts";
import type { Scope } from "../components/scope.ts";
import type { SystemResources } from "../components/system-outputs.ts";
import { Worker } from "../components/worker.ts";

const USER = "handled_user";
/** What the application's user may open at a time (H1): the server refuses more. */
const CONNECTION_LIMIT = 15;
const HYPERDRIVE_LIMIT = 5;
/** All that Hyperdrive leaves, so that neither runs into the user's limit. */
const POOL_SIZE = CONNECTION_LIMIT - HYPERDRIVE_LIMIT;
const PRIMARY_SCHEMAS = ["config", "customer"];
const DATA_SCHEMAS = ["workspace", "reference"];

/** A product's databases: two servers, or one that has all schemas. */
interface Databases {
  readonly servers: Readonly<Record<string, Postgres>>;
  readonly primary: PostgresConnection;
  readonly data: PostgresConnection;
  /** What Prisma connects to: the pool, where there is one (H1). */
  readonly urls: Readonly<Record<string, pulumi.Output<string>>>;
}

/**
 * handled: one product over two databases (H1-H8): who uses it, on a managed server behind a pool
 * (PRIMARY); what they work on, on a machine of one's own (DATA). `handled:splitDatabases: false` puts
 * all of it into one database, as development does (H3).
 */
export function handled(scope: Scope): SystemResources {
  const split = new pulumi.Config(scope.system).getBoolean("splitDatabases") ?? true;
  const { servers, primary, data, urls } = split ? twoDatabases(scope) : oneDatabase(scope);
  const hyperdrive = (name: string, origin: PostgresConnection) =>
    new Hyperdrive(name, { scope, origin, connectionLimit: HYPERDRIVE_LIMIT });
  const api = new Worker("api", {
    scope,
    entry: new URL("./handled/worker/main.ts", import.meta.url),
    compatibilityFlags: ["nodejs_compat"],
    bindings: {
      PRIMARY: hyperdrive("primary", primary),
      DATA: split ? hyperdrive("data", data) : undefined,
      SPLIT_DB_MODE: String(split),
      LOG_DB_QUERIES: "false",
    },
  });
  return { workers: { api }, postgres: servers, variables: urls };
}

function twoDatabases(scope: Scope): Databases {
  const primary = primaryServer(scope, "handled_primary", PRIMARY_SCHEMAS);
  const data = new Postgres("data", {
    scope,
    vendor: selfHostedPostgres(),
    databases: { data: { name: "handled_data", schemas: DATA_SCHEMAS } },
    users: { handled_data_user: { database: "data", connectionLimit: CONNECTION_LIMIT } },
    sources: CLOUDFLARE_SOURCES,
  });
  const toPrimary = primary.connection(USER);
  const toData = data.connection("handled_data_user");
  return {
    servers: { primary, data },
    primary: toPrimary,
    data: toData,
    urls: {
      PRIMARY_DATABASE_URL: toPrimary.pooledUrl("prisma"),
      PRIMARY_DIRECT_URL: toPrimary.directUrl("prisma"),
      DATA_DATABASE_URL: toData.directUrl("prisma"),
    },
  };
}

function oneDatabase(scope: Scope): Databases {
  const server = primaryServer(scope, "handled_dev", [...PRIMARY_SCHEMAS, ...DATA_SCHEMAS]);
  const connection = server.connection(USER);
  const url = connection.pooledUrl("prisma");
  return {
    servers: { primary: server },
    primary: connection,
    data: connection,
    urls: {
      PRIMARY_DATABASE_URL: url,
      PRIMARY_DIRECT_URL: connection.directUrl("prisma"),
      DATA_DATABASE_URL: url,
    },
  };
}

const primaryServer = (scope: Scope, name: string, schemas: readonly string[]): Postgres =>
  new Postgres("primary", {
    scope,
    vendor: digitalOceanPostgres(),
    databases: { primary: { name, schemas } },
    users: { [USER]: { database: "primary", connectionLimit: CONNECTION_LIMIT } },
    pool: { database: "primary", user: USER, size: POOL_SIZE },
    sources: CLOUDFLARE_SOURCES,
  });
