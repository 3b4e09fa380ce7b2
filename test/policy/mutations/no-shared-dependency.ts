import { Secret } from "../../../isolation/facts.ts";
import { stackOf } from "../estate/spec.ts";
import { hexId, uuid } from "../estate/values.ts";
import { bind, ownSecret, postgresUrl, secretVariable, set, variable } from "./changes.ts";
import { serversOfNobody } from "./data-servers.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const SERVER = "db.handmade.dev";

const mutations: readonly Mutation[] = [
  ...serversOfNobody.mutations,
  {
    name: "a Postgres of nobody's that production uses too, each with its own password",
    knownAt: "preview resource",
    change(estate) {
      secretVariable(estate, "REPORTS_URL", {
        staging: postgresUrl("staging", `${SERVER}:5432`),
        production: postgresUrl("production", `${SERVER}:5432`),
      });
    },
  },
  {
    name: "the same Postgres by another port, database and pooler's parameters",
    knownAt: "preview resource",
    change(estate) {
      secretVariable(estate, "REPORTS_URL", {
        staging: postgresUrl(
          "staging",
          `${SERVER}:6543`,
          "/staging?pgbouncer=true&sslmode=require",
        ),
        production: postgresUrl("production", SERVER, "/production?sslmode=require"),
      });
    },
  },
  {
    name: "the same Redis by another index",
    knownAt: "preview resource",
    change(estate) {
      const url = (stack: string, index: number) =>
        new Secret(`rediss://:${ownSecret(stack, "redis")}@cache.handmade.dev:6380/${index}`);
      secretVariable(estate, "QUEUE_URL", {
        staging: url("staging", 1),
        production: url("production", 0),
      });
    },
  },
  {
    name: "the same server by two spellings of its IPv6 address",
    knownAt: "preview resource",
    change(estate) {
      secretVariable(estate, "REPORTS_URL", {
        staging: postgresUrl("staging", "[2001:db8:0:0:0:0:0:7]:5432"),
        production: postgresUrl("production", "[2001:DB8::7]:5433"),
      });
    },
  },
  {
    name: "the same port of the machine itself",
    knownAt: "preview resource",
    change(estate) {
      secretVariable(estate, "REPORTS_URL", {
        staging: postgresUrl("staging", "localhost:5433"),
        production: postgresUrl("production", "127.0.0.1:5433"),
      });
    },
  },
  {
    name: "an S3 bucket of nobody's that production uses too",
    knownAt: "preview resource",
    change(estate) {
      variable(estate, "EXPORT_URL", {
        staging: "https://handmade-exports.s3.eu-central-1.amazonaws.com/staging",
        production: "s3://handmade-exports/production",
      });
    },
  },
  {
    name: "a KV namespace of nobody's that production is bound to, too",
    knownAt: "preview resource",
    change(estate) {
      bind(estate, "FLAGS", (stack) => ({
        type: "kv_namespace",
        namespaceId: stack === "dev" ? hexId("dev flags") : hexId("handmade flags"),
      }));
    },
  },
  {
    name: "a D1 database of nobody's among the secrets of the configuration",
    knownAt: "preview stack",
    change(estate) {
      for (const stack of ["staging", "production"])
        stackOf(estate, stack).config["qhub:archiveDatabaseId"] = uuid("handmade archive");
    },
  },
  {
    name: "a DNS zone of nobody's that production serves in, too",
    knownAt: "preview resource",
    change(estate) {
      for (const stack of ["staging", "production"])
        set(estate, stack, "agentverse domain", { zoneId: hexId("handmade zone") });
    },
  },
  {
    name: "a service of a partner that production calls, too",
    knownAt: "preview resource",
    change(estate) {
      variable(estate, "RATES_URL", {
        staging: "https://rates.partner.dev/v1?tier=free",
        production: "https://rates.partner.dev/v1",
      });
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  ...serversOfNobody.nearMisses,
  {
    name: "a vendor's public API that both stacks call",
    change(estate) {
      const url = "https://api.stripe.com/v1";
      variable(estate, "PAYMENTS_URL", { staging: url, production: url, dev: url });
    },
  },
  {
    name: "servers with names of their own under one domain",
    change(estate) {
      secretVariable(estate, "REPORTS_URL", {
        staging: postgresUrl("staging", "staging.handmade.dev:5432"),
        production: postgresUrl("production", "live.handmade.dev:5432"),
      });
    },
  },
  {
    name: "two ports of the machine itself",
    change(estate) {
      secretVariable(estate, "REPORTS_URL", {
        staging: postgresUrl("staging", "localhost:5433"),
        production: postgresUrl("production", "localhost:5434"),
      });
    },
  },
  {
    name: "one server that a stack uses in two of its Workers",
    change(estate) {
      for (const worker of ["agentverse script", "files script"])
        variable(estate, "RATES_URL", { staging: "https://rates.partner.dev/v1" }, worker);
    },
  },
  {
    name: "an identifier of a standard in both stacks",
    change(estate) {
      const urn = "urn:ietf:params:oauth:grant-type:jwt-bearer";
      variable(estate, "GRANT", { staging: urn, production: urn, dev: urn });
    },
  },
];

export const noSharedDependency: Corpus = { mutations, nearMisses };
