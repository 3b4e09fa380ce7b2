import { Secret } from "../../../isolation/facts.ts";
import { add, stackOf } from "../estate/spec.ts";
import { hexId } from "../estate/values.ts";
import { ownSecret, postgresUrl, secretVariable, set, variable } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const HOST = "reports.staging.acme.dev";

const secretUrl = (name: string, variable: string, url: string | Secret): Mutation => ({
  name,
  knownAt: "preview resource",
  change(estate) {
    secretVariable(estate, variable, { staging: url instanceof Secret ? url : new Secret(url) });
  },
});

const allowed = (name: string, variable: string, url: string | Secret): NearMiss => ({
  name,
  change(estate) {
    secretVariable(estate, variable, { staging: url instanceof Secret ? url : new Secret(url) });
  },
});

const cache = (inputs: Record<string, boolean | string>) => ({
  key: "cache",
  type: "aws:elasticache/replicationGroup:ReplicationGroup",
  name: "instainstru-cache",
  parent: "instainstru",
  inputs: {
    replicationGroupId: "instainstru-dev",
    description: "cache",
    engine: "valkey",
    atRestEncryptionEnabled: true,
    ...inputs,
  },
  answer: { primaryEndpointAddress: "instainstru-dev.x7.euc1.cache.amazonaws.com" },
  id: "instainstru-dev",
  provider: "aws",
});

const PASSWORD = ownSecret("staging", "tls");

const mutations: readonly Mutation[] = [
  secretUrl(
    "a Postgres without encryption",
    "REPORTS_URL",
    postgresUrl("staging", HOST, "/app?sslmode=disable"),
  ),
  secretUrl(
    "a Postgres that may do without",
    "REPORTS_URL",
    postgresUrl("staging", HOST, "/app?sslmode=prefer"),
  ),
  secretUrl("a Redis without encryption", "QUEUE", `redis://:${PASSWORD}@${HOST}:6379/0`),
  secretUrl("a queue server without encryption", "EVENTS", `amqp://app:${PASSWORD}@${HOST}/`),
  secretUrl(
    "a MySQL without encryption",
    "REPORTS_URL",
    `mysql://app:${PASSWORD}@${HOST}/app?ssl-mode=DISABLED`,
  ),
  secretUrl(
    "a connection string of keywords without encryption",
    "REPORTS_DSN",
    `host=${HOST} dbname=app user=app password=${PASSWORD} sslmode=disable`,
  ),
  {
    name: "an object store by http",
    knownAt: "preview resource",
    change(estate) {
      variable(estate, "S3_ENDPOINT", { staging: "http://objects.staging.acme.dev:9000" });
    },
  },
  {
    name: "a bucket of Spaces by http",
    knownAt: "preview resource",
    change(estate) {
      variable(estate, "IMAGES", {
        staging: "http://agentverse-staging-reps.fra1.digitaloceanspaces.com/a.png",
      });
    },
  },
  {
    name: "a database in the configuration without encryption",
    knownAt: "preview stack",
    change(estate) {
      const url = postgresUrl("staging", HOST, "/app?sslmode=disable");
      stackOf(estate, "staging").config["agentverse:reportsUrl"] = url;
    },
  },
  {
    name: "Hyperdrive that does not insist on encryption",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), {
        key: "hyperdrive",
        type: "cloudflare:index/hyperdriveConfig:HyperdriveConfig",
        name: "agentverse-hyperdrive",
        parent: "agentverse",
        inputs: {
          accountId: hexId("bulkhead", "dev", "account"),
          name: "agentverse-dev",
          origin: { host: "reports.dev.acme.dev", port: 5432, scheme: "postgres", user: "app" },
          mtls: { sslmode: "prefer" },
        },
        id: hexId("hyperdrive"),
        provider: "cloudflare",
      });
    },
  },
  {
    name: "a cache that takes connections without encryption",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), cache({ transitEncryptionEnabled: false }));
    },
  },
  {
    name: "a group of caches that encrypts no connection",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "cache group", { transitEncryptionEnabled: false });
    },
  },
  secretUrl(
    "a Redis of the local cloud without encryption",
    "QUEUE",
    `redis://:${PASSWORD}@127.66.43.40:6379/0`,
  ),
  {
    name: "a server whose parameters switch encryption off",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), {
        key: "parameters",
        type: "aws:rds/parameterGroup:ParameterGroup",
        name: "instainstru-parameters",
        parent: "instainstru",
        inputs: {
          name: "instainstru-dev",
          family: "postgres18",
          parameters: [{ name: "rds.force_ssl", value: "0" }],
        },
        id: "instainstru-dev",
        provider: "aws",
      });
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  allowed(
    "a Postgres with encryption",
    "REPORTS_URL",
    postgresUrl("staging", HOST, "/app?sslmode=verify-full"),
  ),
  allowed(
    "a Postgres that says nothing, since its server decides",
    "REPORTS_URL",
    postgresUrl("staging", HOST, "/app"),
  ),
  allowed("a Redis with encryption", "QUEUE", `rediss://:${PASSWORD}@${HOST}:6380/0`),
  allowed("a Redis of the machine itself", "QUEUE", `redis://:${PASSWORD}@localhost:6390/0`),
  allowed(
    "a Postgres of the machine itself",
    "REPORTS_URL",
    postgresUrl("staging", "[::1]:5499", "/app?sslmode=disable"),
  ),
  {
    name: "a page by http that holds no data",
    change(estate) {
      variable(estate, "SCHEMA", { staging: "http://www.w3.org/2001/XMLSchema" });
    },
  },
  {
    name: "a cache with encryption",
    subject: "dev",
    change(estate) {
      add(stackOf(estate, "dev"), cache({ transitEncryptionEnabled: true }));
    },
  },
];

export const tlsRequired: Corpus = { mutations, nearMisses };
