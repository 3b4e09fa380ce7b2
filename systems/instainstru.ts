import { Bucket } from "../components/bucket.ts";
import { awsNetwork } from "../components/network/aws.ts";
import { Network } from "../components/network/network.ts";
import { awsPostgres } from "../components/postgres/aws.ts";
import { Postgres } from "../components/postgres/postgres.ts";
import { awsRedis } from "../components/redis/aws.ts";
import { Redis } from "../components/redis/redis.ts";
import { s3 } from "../components/s3-bucket.ts";
import type { Scope } from "../components/scope.ts";
import type { SystemResources } from "../components/system-outputs.ts";
import type { Tier } from "../components/tier.ts";

/** The product's own names of its tiers (I1-I3). */
export type DatabaseTier = "INT" | "STG" | "PROD";

const DATABASE_TIERS: Readonly<Record<Tier, DatabaseTier>> = {
  development: "INT",
  preview: "INT",
  staging: "STG",
  production: "PROD",
};

/** The variable by which the product's settings find each tier's database (I4). */
const URL_VARIABLES: Readonly<Record<DatabaseTier, string>> = {
  INT: "TEST_DATABASE_URL",
  STG: "STG_DATABASE_URL",
  PROD: "DATABASE_URL",
};

/** Private range of every environment's own network; no two of them are connected. */
const IP_RANGE = "10.40.0.0/16";

/** InstaInstru's data: one database a tier, at AWS in a network of its own (I1-I4). */
export function instainstru(scope: Scope): SystemResources {
  const tier = databaseTier(scope.tier);
  const network = new Network("network", { scope, vendor: awsNetwork, ipRange: IP_RANGE });
  const sources = [{ cidr: IP_RANGE }];
  const postgres = new Postgres("postgres", {
    scope,
    vendor: awsPostgres(),
    databases: { main: { name: `instainstru_${tier.toLowerCase()}` } },
    users: { instainstru_app: { database: "main", privileges: "create" } },
    sources,
    network,
  });
  const redis = new Redis("cache", {
    scope,
    vendor: awsRedis(),
    eviction: "allkeys-lru",
    applications: ["api", "worker"],
    sources,
    network,
  });
  const uploads = new Bucket("uploads", { scope, vendor: s3 });
  return {
    label: tier,
    postgres: { main: postgres },
    redis: { cache: redis },
    buckets: { uploads },
    variables: {
      [URL_VARIABLES[tier]]: postgres.connection("instainstru_app").directUrl("libpq"),
      REDIS_URL: redis.connection("api").url,
    },
  };
}

/** INT for what may be rebuilt at any time, STG and PROD for the two that persist. */
export const databaseTier = (tier: Tier): DatabaseTier => DATABASE_TIERS[tier];
