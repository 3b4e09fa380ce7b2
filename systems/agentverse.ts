import { Bucket } from "../components/bucket.ts";
import { CLOUDFLARE_SOURCES } from "../components/cloudflare-ranges.ts";
import { Hyperdrive } from "../components/hyperdrive.ts";
import { environmentLabel } from "../components/naming.ts";
import { digitalOceanPostgres } from "../components/postgres/digitalocean.ts";
import { Postgres } from "../components/postgres/postgres.ts";
import { digitalOceanRedis } from "../components/redis/digitalocean.ts";
import { Redis } from "../components/redis/redis.ts";
import type { Scope } from "../components/scope.ts";
import { Secret } from "../components/secret.ts";
import { spaces } from "../components/spaces-bucket.ts";
import type { SystemResources } from "../components/system-outputs.ts";
import { Worker } from "../components/worker.ts";
import { plainText, secretText } from "../components/worker-variables.ts";

/** Node's sockets, which the Redis and PostgreSQL clients are written for. */
const NODE = ["nodejs_compat", "enable_nodejs_perf_hooks_module"];

/** Connections to the database: less than the 22 of the smallest machine, with room for operators. */
const CONNECTION_LIMIT = 15;

/** The agentverse: an API and a web Worker over Postgres, Redis and a bucket (A1-A5, A14, A16). */
export function agentverse(scope: Scope): SystemResources {
  const postgres = new Postgres("postgres", {
    scope,
    vendor: digitalOceanPostgres(),
    databases: { main: { name: "agentverse", schemas: ["agentverse"] } },
    users: { agentverse_api: { database: "main", connectionLimit: CONNECTION_LIMIT } },
    sources: CLOUDFLARE_SOURCES,
  });
  const redis = new Redis("redis", {
    scope,
    vendor: digitalOceanRedis(),
    // Queues must not be forgotten when memory is full.
    eviction: "noeviction",
    applications: ["api"],
    sources: CLOUDFLARE_SOURCES,
  });
  const reps = new Bucket("reps", {
    scope,
    vendor: spaces,
    bucketName: repsBucketName(scope.environment),
  });
  const secretKey = new Secret("secret-key", { scope });
  const database = postgres.connection("agentverse_api");
  const hyperdrive = new Hyperdrive("postgres", {
    scope,
    origin: database,
    connectionLimit: CONNECTION_LIMIT,
  });
  const cache = redis.connection("api");
  const storage = reps.access();
  const variables = {
    DB: hyperdrive,
    REDIS_URL: secretText(cache.url),
    REDIS_KEY_PREFIX: cache.keyPrefix,
  };
  const api = new Worker("api", {
    scope,
    entry: new URL("./agentverse/worker/api.ts", import.meta.url),
    compatibilityFlags: NODE,
    bindings: {
      ...variables,
      DATABASE_HOST: plainText(database.host),
      STORAGE_BUCKET_NAME: plainText(reps.bucketName),
      STORAGE_ENDPOINT: plainText(storage.endpoint),
      STORAGE_REGION: plainText(storage.region),
      STORAGE_ACCESS_KEY_ID: plainText(storage.accessKeyId),
      STORAGE_SECRET_ACCESS_KEY: secretText(storage.secretAccessKey),
      SECRET_KEY: secretKey,
    },
  });
  const web = new Worker("web", {
    scope,
    entry: new URL("./agentverse/worker/web.ts", import.meta.url),
    compatibilityFlags: NODE,
    bindings: { ...variables, API: api },
  });
  return {
    workers: { api, web },
    postgres: { main: postgres },
    redis: { main: redis },
    buckets: { reps },
    secrets: { SECRET_KEY: secretKey },
    variables: {
      DATABASE_URL: database.directUrl("libpq"),
      REDIS_URL: cache.url,
      STORAGE_ENDPOINT: storage.endpoint,
      STORAGE_BUCKET_NAME: reps.bucketName,
      STORAGE_ACCESS_KEY_ID: storage.accessKeyId,
      STORAGE_SECRET_ACCESS_KEY: storage.secretAccessKey,
    },
  };
}

/** The product's buckets were named before the environments were: production's carries none (A3). */
export function repsBucketName(environment: string): string {
  return environment === "production"
    ? "agentverse-reps"
    : `agentverse-${environmentLabel(environment)}-reps`;
}
