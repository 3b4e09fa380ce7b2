import * as pulumi from "@pulumi/pulumi";
import type { Bucket } from "./bucket.ts";
import type { D1Database } from "./d1-database.ts";
import type { KvNamespace } from "./kv-namespace.ts";
import type { Postgres, PostgresState } from "./postgres/postgres.ts";
import type { Redis, RedisState } from "./redis/redis.ts";
import type { Secret, SecretState } from "./secret.ts";
import type { Tier } from "./tier.ts";
import type { Worker, WorkerState } from "./worker.ts";

/** What a system declares, each under the short name that outputs use for it. */
export interface SystemResources {
  /** What the product itself calls this environment, such as `STG`; absent where it has no name of its own. */
  readonly label?: string;
  readonly workers?: Readonly<Record<string, Worker>>;
  readonly databases?: Readonly<Record<string, D1Database>>;
  readonly postgres?: Readonly<Record<string, Postgres>>;
  readonly redis?: Readonly<Record<string, Redis>>;
  readonly buckets?: Readonly<Record<string, Bucket>>;
  readonly kvNamespaces?: Readonly<Record<string, KvNamespace>>;
  readonly secrets?: Readonly<Record<string, Secret>>;
  /** What programs that run elsewhere connect by, under the names that they look for; secrets are marked. */
  readonly variables?: Readonly<Record<string, pulumi.Output<string>>>;
}

/** What a stack's outputs say of one system. Nothing here is secret. */
export interface SystemOutputs {
  readonly label?: string | undefined;
  /** First address of each Worker that has one. */
  readonly urls: Readonly<Record<string, string>>;
  readonly workers: Readonly<Record<string, WorkerState>>;
  readonly databases: Readonly<Record<string, { readonly name: string; readonly id: string }>>;
  readonly buckets: Readonly<Record<string, { readonly name: string; readonly vendor: string }>>;
  readonly kvNamespaces: Readonly<Record<string, { readonly title: string; readonly id: string }>>;
  readonly postgres: Readonly<Record<string, PostgresState>>;
  readonly redis: Readonly<Record<string, RedisState>>;
  readonly secrets: Readonly<Record<string, SecretState>>;
}

/** A stack's outputs, as `pulumi stack output --json` prints them. */
export interface StackOutputs {
  readonly environment: string;
  readonly tier: Tier;
  readonly cloudflareAccountId: string;
  readonly systems: Readonly<Record<string, SystemOutputs>>;
}

/** The outputs of a system, resolved when its resources are. */
export function systemOutputs(resources: SystemResources): pulumi.Output<SystemOutputs> {
  const workers = pulumi.all(mapValues(resources.workers, (worker) => worker.state));
  return pulumi.output({
    ...(resources.label === undefined ? {} : { label: resources.label }),
    urls: workers.apply(firstUrls),
    workers,
    databases: mapValues(resources.databases, ({ databaseName, databaseId }) => ({
      name: databaseName,
      id: databaseId,
    })),
    buckets: mapValues(resources.buckets, ({ bucketName, vendor }) => ({
      name: bucketName,
      vendor,
    })),
    kvNamespaces: mapValues(resources.kvNamespaces, ({ title, namespaceId }) => ({
      title,
      id: namespaceId,
    })),
    postgres: mapValues(resources.postgres, (server) => server.state),
    redis: mapValues(resources.redis, (server) => server.state),
    secrets: mapValues(resources.secrets, (secret) => secret.state),
  });
}

function firstUrls(workers: Readonly<Record<string, WorkerState>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(workers).flatMap(
      ([
        name,
        {
          urls: [first],
        },
      ]) => (first === undefined ? [] : [[name, first]]),
    ),
  );
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>> | undefined,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(record ?? {}).map(([name, value]) => [name, map(value)]),
  );
}
