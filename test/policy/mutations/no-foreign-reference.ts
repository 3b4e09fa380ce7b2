import { Secret } from "../../../isolation/facts.ts";
import { output, resourceOf, stackOf } from "../estate/spec.ts";
import { hexId, uuid } from "../estate/values.ts";
import {
  bind,
  declare,
  namespace,
  ownSecret,
  postgresUrl,
  secretVariable,
  set,
  stackReference,
  textOf,
  variable,
} from "./changes.ts";
import { foreignServers } from "./data-servers.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const PRODUCTION_DATABASE = uuid("bulkhead", "production", "qhub", "d1");

/** Hyperdrive in every stack, in front of a host. */
const hyperdrive = (host: (stack: string) => string) => (stack: { stack: string }) => ({
  key: "hyperdrive",
  type: "cloudflare:index/hyperdriveConfig:HyperdriveConfig",
  name: "agentverse-hyperdrive",
  parent: "agentverse",
  inputs: {
    accountId: hexId("bulkhead", stack.stack, "account"),
    name: `agentverse-hyperdrive-${stack.stack}`,
    origin: {
      database: "app",
      host: host(stack.stack),
      port: 5432,
      scheme: "postgres",
      user: "app",
      password: new Secret(ownSecret(stack.stack, "hyperdrive")),
    },
  },
  id: hexId("bulkhead", stack.stack, "hyperdrive"),
  provider: "cloudflare",
});

const mutations: readonly Mutation[] = [
  ...foreignServers.mutations,
  {
    name: "a Worker bound to production's D1 database",
    knownAt: "preview resource",
    change(estate) {
      const { inputs } = resourceOf(estate, "staging", "api script");
      inputs.bindings = (inputs.bindings as { name: string }[]).map((binding) =>
        binding.name === "DB" ? { ...binding, databaseId: PRODUCTION_DATABASE } : binding,
      );
    },
  },
  {
    name: "migrations for production's D1 database, its id in capitals",
    knownAt: "preview resource",
    change(estate) {
      resourceOf(estate, "staging", "qhub migrations").inputs.databaseId =
        PRODUCTION_DATABASE.toUpperCase();
    },
  },
  {
    name: "a Worker that is bound to production's bucket by name, in production's account",
    knownAt: "preview resource",
    change(estate) {
      const { inputs } = resourceOf(estate, "staging", "files script");
      inputs.accountId = hexId("bulkhead", "production", "account");
      inputs.bindings = (inputs.bindings as { name: string }[]).map((binding) =>
        binding.name === "FILES" ? { ...binding, bucketName: "cutty-files-production" } : binding,
      );
    },
    also: ["separate-accounts"],
  },
  {
    name: "a Worker that calls production's Worker by a service binding, in production's account",
    knownAt: "preview resource",
    change(estate) {
      const { inputs } = resourceOf(estate, "staging", "files script");
      inputs.accountId = hexId("bulkhead", "production", "account");
      inputs.bindings = [
        ...(inputs.bindings as { name: string }[]),
        { name: "API", type: "service", service: "qhub-api-production" },
      ];
    },
    also: ["environment-parity", "separate-accounts"],
  },
  {
    name: "production's D1 id inside the JSON of a variable",
    knownAt: "preview resource",
    change(estate) {
      const json = JSON.stringify({ database: { id: PRODUCTION_DATABASE } });
      variable(estate, "SETTINGS", { staging: json });
    },
  },
  {
    name: "a KV binding to production's namespace",
    knownAt: "preview resource",
    change(estate) {
      declare(estate, namespace);
      bind(estate, "SESSIONS", (stack) => ({
        type: "kv_namespace",
        namespaceId: hexId("bulkhead", stack === "staging" ? "production" : stack, "sessions"),
      }));
    },
  },
  {
    name: "a secret URL of production's Postgres with a password of its own",
    knownAt: "preview resource",
    change(estate) {
      const host = textOf(estate, "production", "postgres", "host");
      secretVariable(estate, "REPORTS_URL", { staging: postgresUrl("staging", `${host}:25060`) });
    },
  },
  {
    name: "production's Postgres by another port, database and spelling",
    knownAt: "preview resource",
    change(estate) {
      const host = textOf(estate, "production", "postgres", "host").toUpperCase();
      secretVariable(estate, "REPORTS_URL", {
        staging: postgresUrl("staging", `${host}.:25061`, "/other?sslmode=verify-full"),
      });
    },
  },
  {
    name: "production's Postgres as the second of several hosts",
    knownAt: "preview resource",
    change(estate) {
      const [mine, theirs] = ["staging", "production"].map((stack) =>
        textOf(estate, stack, "postgres", "host"),
      );
      secretVariable(estate, "REPORTS_URL", {
        staging: postgresUrl("staging", `${mine}:25060,${theirs}:25060`),
      });
    },
  },
  {
    name: "production's Postgres in the keywords of a connection string",
    knownAt: "preview resource",
    change(estate) {
      const host = textOf(estate, "production", "postgres", "host");
      const password = ownSecret("staging", "dsn");
      secretVariable(estate, "REPORTS_DSN", {
        staging: new Secret(
          `host=${host} port=25060 user=app password=${password} sslmode=require`,
        ),
      });
    },
  },
  {
    name: "production's Redis by its host alone",
    knownAt: "preview resource",
    change(estate) {
      const host = textOf(estate, "production", "redis", "host");
      variable(estate, "CACHE_REDIS_HOST", { staging: host });
    },
  },
  {
    name: "the address of production's bucket",
    knownAt: "preview resource",
    change(estate) {
      variable(estate, "UPLOAD_URL", {
        staging: "https://agentverse-reps.fra1.digitaloceanspaces.com/incoming",
      });
    },
  },
  {
    name: "the address of production's bucket by path and by CDN",
    knownAt: "preview resource",
    change(estate) {
      variable(estate, "ASSETS_URL", {
        staging: "https://agentverse-reps.fra1.cdn.digitaloceanspaces.com/logo.png",
      });
    },
  },
  {
    name: "a key to production's bucket, which says no region, in a region that is new",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "production", "reps", { region: "mars1" });
      const bucket = textOf(estate, "production", "reps", "name");
      set(estate, "staging", "reps key", { grants: [{ bucket, permission: "read" }] });
    },
  },
  {
    name: "production's API in a variable",
    knownAt: "preview resource",
    change(estate) {
      variable(estate, "UPSTREAM", { staging: "https://api.agentverse.dev/v1" });
    },
  },
  {
    name: "production's API in the configuration",
    knownAt: "preview stack",
    change(estate) {
      stackOf(estate, "staging").config["agentverse:upstream"] = "https://API.agentverse.dev:443/";
    },
  },
  {
    name: "production's Postgres in a secret of the configuration",
    knownAt: "preview stack",
    change(estate) {
      const host = textOf(estate, "production", "rds", "address");
      stackOf(estate, "staging").config["instainstru:reportsUrl"] = postgresUrl("staging", host);
    },
  },
  {
    name: "production's database among the outputs",
    knownAt: "preview stack",
    change(estate) {
      stackOf(estate, "staging").outputs.comparedWith = PRODUCTION_DATABASE;
    },
  },
  {
    name: "Hyperdrive in front of production's Postgres",
    knownAt: "preview resource",
    change(estate) {
      declare(
        estate,
        hyperdrive((stack) =>
          textOf(estate, stack === "staging" ? "production" : stack, "rds", "address"),
        ),
      );
    },
  },
  {
    name: "the ARN of production's RDS instance",
    knownAt: "preview resource",
    change(estate) {
      variable(estate, "REPORT_SOURCE", { staging: textOf(estate, "production", "rds", "arn") });
    },
  },
  {
    name: "a lookup of production's D1 database",
    knownAt: "preview stack",
    change(estate) {
      declare(estate, ({ stack }) => ({
        key: "looked up",
        type: "cloudflare:index/d1Database:D1Database",
        name: "lookup",
        external: true,
        inputs: {},
        id: stack === "staging" ? PRODUCTION_DATABASE : uuid(stack, "looked up"),
      }));
      for (const stack of estate.stacks) stack.made.add("looked up");
    },
  },
  {
    name: "a reference to the stack of production",
    knownAt: "preview stack",
    change(estate) {
      declare(estate, ({ stack }) =>
        stackReference(stack === "staging" ? "bulkhead/production" : `network/${stack}`),
      );
    },
  },
  {
    name: "a reference to another project's production, with its organisation",
    knownAt: "preview stack",
    change(estate) {
      declare(estate, ({ stack }) =>
        stackReference(stack === "staging" ? "acme/network/production" : `acme/network/${stack}`),
      );
    },
  },
  {
    name: "a binding to a database that an update finds to be production's",
    knownAt: "update resource",
    change(estate) {
      declare(estate, ({ stack }) => ({
        key: "pool",
        type: "digitalocean:index/databaseConnectionPool:DatabaseConnectionPool",
        name: "agentverse-pool",
        parent: "agentverse",
        inputs: {
          clusterId: output("postgres", "id"),
          name: "pool",
          mode: "transaction",
          size: 10,
        },
        answer: {
          host: textOf(estate, stack === "staging" ? "production" : stack, "postgres", "host"),
        },
        id: `pool-${stack}`,
        provider: "digitalocean",
      }));
      bind(estate, "POOL_HOST", () => ({ type: "plain_text", text: output("pool", "host") }));
    },
  },
  {
    name: "production's Postgres in the source of a Worker",
    knownAt: "preview resource",
    change(estate) {
      const host = textOf(estate, "production", "postgres", "host");
      const { inputs } = resourceOf(estate, "staging", "agentverse script");
      inputs.content += `\nconst fallback = "postgresql://${host}:25060/app";`;
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  ...foreignServers.nearMisses,
  {
    name: "the same names of binding and variable with each stack's own values",
    change(estate) {
      bind(estate, "REPORTS", (stack) => ({
        type: "plain_text",
        text: textOf(estate, stack, "postgres", "host"),
      }));
    },
  },
  {
    name: "a key to its own bucket, in a region that is new",
    change(estate) {
      set(estate, "staging", "reps", { region: "mars1" });
    },
  },
  {
    name: "a host that only begins like production's",
    change(estate) {
      variable(estate, "UPSTREAM", {
        staging: "https://api.agentverse.dev.staging.agentverse.dev/",
      });
    },
  },
  {
    name: "an id that differs in one digit",
    change(estate) {
      const last = PRODUCTION_DATABASE.endsWith("0") ? "1" : "0";
      variable(estate, "REPORT_ID", { staging: PRODUCTION_DATABASE.slice(0, -1) + last });
    },
  },
  {
    name: "a reference to another project's stack of the same environment",
    change(estate) {
      declare(estate, ({ stack }) => stackReference(`network/${stack}`));
    },
  },
  {
    name: "its own address under its own outputs and variables",
    change(estate) {
      bind(estate, "PUBLIC_URL", (stack) => ({
        type: "plain_text",
        text:
          stack === "production"
            ? "https://api.agentverse.dev"
            : `https://api.${stack}.agentverse.dev`,
      }));
    },
  },
  {
    name: "Hyperdrive in front of the stack's own Postgres",
    change(estate) {
      declare(
        estate,
        hyperdrive((stack) => textOf(estate, stack, "rds", "address")),
      );
    },
  },
  {
    name: "production's name in words",
    change(estate) {
      variable(estate, "BANNER", { staging: "Not production: agentverse-reps is elsewhere." });
    },
  },
];

export const noForeignReference: Corpus = { mutations, nearMisses };
