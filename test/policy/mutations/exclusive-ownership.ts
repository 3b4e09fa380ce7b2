import { resourceOf, stackOf } from "../estate/spec.ts";
import { hexId } from "../estate/values.ts";
import { declare, deployed, namespace, set, textOf } from "./changes.ts";
import { ownedServers } from "./data-servers.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const mutations: readonly Mutation[] = [
  ...ownedServers.mutations,
  {
    name: "a D1 database that was adopted from production",
    knownAt: "preview stack",
    change(estate) {
      const id = textOf(estate, "production", "qhub database", "uuid");
      const database = resourceOf(estate, "staging", "qhub database");
      database.id = id;
      database.answer.uuid = id;
      deployed(estate, "staging");
    },
    also: ["no-foreign-reference"],
  },
  {
    name: "a D1 database that the vendor says is production's",
    knownAt: "update stack",
    change(estate) {
      const id = textOf(estate, "production", "cutty database", "uuid");
      const database = resourceOf(estate, "staging", "cutty database");
      database.id = id;
      database.answer.uuid = id;
    },
    also: ["no-foreign-reference"],
  },
  {
    name: "a KV namespace that both stacks manage",
    knownAt: "update stack",
    change(estate) {
      declare(estate, namespace);
      const id = hexId("bulkhead", "production", "sessions");
      resourceOf(estate, "staging", "sessions").id = id.toUpperCase();
    },
  },
  {
    name: "a Spaces bucket by production's name in production's region",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "reps", { name: "Agentverse-Reps" });
    },
    also: ["environment-in-name"],
  },
  {
    name: "an S3 bucket by production's name, since those are the world's",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "exports", {
        bucket: textOf(estate, "production", "exports", "bucket"),
      });
    },
    also: ["environment-in-name"],
  },
  {
    name: "a custom domain that production serves on",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "agentverse domain", { hostname: "api.agentverse.dev" });
    },
  },
  {
    name: "production's domain in capitals and with a final dot",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "agentverse domain", { hostname: "API.Agentverse.dev." });
    },
  },
  {
    name: "a Worker under production's script name in production's account",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "files script", {
        accountId: hexId("bulkhead", "production", "account"),
        scriptName: "cutty-files-production",
      });
    },
    also: ["environment-in-name", "separate-accounts"],
  },
  {
    name: "a database cluster at the address of production's",
    knownAt: "update stack",
    change(estate) {
      const host = textOf(estate, "production", "postgres", "host");
      resourceOf(estate, "staging", "postgres").answer.host = host;
    },
    // What is inside of it is announced before its own address is known to be its own.
    also: ["no-foreign-reference"],
  },
  {
    name: "an RDS instance that answers production's ARN",
    knownAt: "update stack",
    change(estate) {
      const arn = textOf(estate, "production", "rds", "arn");
      resourceOf(estate, "staging", "rds").answer.arn = arn;
    },
    also: ["separate-accounts"],
  },
  {
    name: "a thing of a vendor that no table knows",
    knownAt: "update stack",
    change(estate) {
      declare(estate, ({ stack }) => ({
        key: "search",
        type: "meilisearch:index/project:Project",
        name: "qhub-search",
        parent: "qhub",
        inputs: { name: `qhub-search-${stack}` },
        id: stack === "dev" ? "p-107" : "p-4711",
      }));
    },
  },
  {
    name: "one bucket that two systems of a stack declare",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      const { inputs, type } = resourceOf(estate, "dev", "files bucket");
      stackOf(estate, "dev").resources.push({
        ...resourceOf(estate, "dev", "files bucket"),
        key: "uploads",
        name: "qhub-uploads",
        parent: "qhub",
        inputs: { ...inputs },
        type,
      });
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  ...ownedServers.nearMisses,
  {
    name: "a bucket of the same name in another account",
    change(estate) {
      set(estate, "production", "files bucket", { name: "cutty-files-staging" });
    },
  },
  {
    name: "a Spaces bucket of the same name in another region",
    subject: "production",
    change(estate) {
      set(estate, "dev", "reps", { name: "agentverse-reps", region: "ams3" });
    },
  },
  {
    name: "a domain under production's domain",
    change(estate) {
      set(estate, "staging", "agentverse domain", { hostname: "staging.api.agentverse.dev" });
    },
  },
  {
    name: "a domain that ends in the same letters",
    change(estate) {
      set(estate, "staging", "agentverse domain", { hostname: "notapi.agentverse.dev" });
    },
  },
  {
    name: "what an earlier update of the same stack has made",
    change(estate) {
      deployed(estate, "staging");
    },
  },
  {
    name: "one database that two systems migrate",
    change(estate) {
      declare(estate, ({ stack }) => ({
        ...resourceOf(estate, stack, "qhub migrations"),
        key: "more migrations",
        name: "cutty-more",
        parent: "cutty",
      }));
    },
  },
  {
    name: "a KV namespace in each stack",
    change(estate) {
      declare(estate, namespace);
    },
  },
];

export const exclusiveOwnership: Corpus = { mutations, nearMisses };
