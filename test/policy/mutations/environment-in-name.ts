import { productStack } from "../estate/program.ts";
import { type Estate, resourceOf, stackOf } from "../estate/spec.ts";
import { bind, declare, late, namespace, set, setEverywhere } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const renamed = (
  name: string,
  subject: string,
  key: string,
  inputs: Record<string, string>,
): Mutation => ({
  name,
  subject,
  knownAt: "preview resource",
  change(estate) {
    set(estate, subject, key, inputs);
  },
});

/** Puts a stack of another name beside the usual ones. */
function environment(estate: Estate, stack: string): void {
  estate.stacks.push(productStack("bulkhead", stack, "preview"));
}

const mutations: readonly Mutation[] = [
  renamed("a database without an environment", "staging", "qhub database", { name: "qhub" }),
  renamed(
    "a Worker that is called production's, in production's abbreviation",
    "staging",
    "api script",
    {
      scriptName: "qhub-api-prod-staging",
    },
  ),
  renamed("staging in the name of a Worker of production", "production", "api script", {
    scriptName: "qhub-api-staging-production",
  }),
  renamed("an environment in the middle of another word", "staging", "qhub database", {
    name: "qhub-stagings",
  }),
  renamed("a bucket of staging by production's way of naming", "staging", "files bucket", {
    name: "cutty-files",
  }),
  renamed("another environment in the identifier of a database", "dev", "rds", {
    identifier: "instainstru-stg",
  }),
  renamed("Hyperdrive without an environment", "staging", "postgres hyperdrive", {
    name: "agentverse-postgres",
  }),
  renamed("a droplet by another environment's name", "staging", "data droplet", {
    name: "handled-data-production",
  }),
  {
    name: "a title that says another pull request",
    subject: "pr-12",
    knownAt: "preview resource",
    change(estate) {
      environment(estate, "pr-12");
      environment(estate, "pr-123");
      declare(estate, (stack) =>
        namespace(stack, `qhub sessions ${stack.stack === "pr-12" ? "pr-123" : stack.stack}`),
      );
    },
  },
  {
    name: "a tag that says another environment",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "rds", { tags: { Environment: "production" } });
    },
  },
  {
    name: "a tag in a list that says another environment",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "postgres", { tags: ["env:prod", "team:data"] });
    },
  },
  {
    name: "a Worker that is told to be in production",
    knownAt: "preview resource",
    change(estate) {
      bind(estate, "APP_ENV", () => ({ type: "plain_text", text: "production" }));
    },
  },
  {
    name: "a name that an update finds to say nothing",
    knownAt: "update resource",
    change(estate) {
      const bucket = late(estate, (stack) =>
        stack === "staging" ? "instainstru-x" : `instainstru-x-${stack}`,
      );
      setEverywhere(estate, "exports", { bucket });
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  {
    name: "another spelling of the same tier",
    subject: "dev",
    change(estate) {
      set(estate, "dev", "qhub database", { name: "qhub-development" });
    },
  },
  {
    name: "no environment in the names of production",
    subject: "production",
    change(estate) {
      set(estate, "production", "api script", { scriptName: "qhub-api" });
      set(estate, "production", "rds", { identifier: "instainstru" });
    },
  },
  {
    name: "words that hold the letters of other environments",
    change(estate) {
      set(estate, "staging", "qhub database", { name: "qhub-reproduction-devices-staging" });
    },
  },
  {
    name: "the environment in front, in the middle and in capitals",
    change(estate) {
      set(estate, "staging", "qhub database", { name: "STAGING_qhub" });
      set(estate, "staging", "rds", { identifier: "instainstru-stg-1" });
    },
  },
  {
    name: "the names of a preview's own",
    subject: "pr-123",
    change(estate) {
      environment(estate, "pr-123");
      environment(estate, "pr-12");
    },
  },
  {
    name: "a hostname without an environment",
    subject: "production",
    change(estate) {
      set(estate, "production", "agentverse domain", { hostname: "www.agentverse.dev" });
    },
  },
  {
    name: "tags that say nothing of environments",
    change(estate) {
      set(estate, "staging", "postgres", { tags: ["database", "team:devices"] });
    },
  },
  {
    name: "a Node that runs as in production",
    change(estate) {
      bind(estate, "NODE_ENV", () => ({ type: "plain_text", text: "production" }));
    },
  },
  {
    name: "a database inside of a cluster",
    change(estate) {
      declare(estate, ({ tier, stack }) => ({
        key: "handled",
        type: "digitalocean:index/databaseDb:DatabaseDb",
        name: "handled",
        parent: "agentverse",
        inputs: {
          clusterId: resourceOf(estate, stack, "postgres").id ?? "",
          name: "handled_primary",
        },
        id: `${resourceOf(estate, stack, "postgres").id}/database/handled_primary`,
        protect: tier === "production",
        retainOnDelete: tier === "production",
        provider: "digitalocean",
      }));
    },
  },
  {
    name: "a database of the same name inside of each environment's server",
    change(estate) {
      setEverywhere(estate, "data database", { name: "handled_data" });
    },
  },
  {
    name: "a stack whose own name spells two environments, once its tier is said",
    subject: "api-staging-production",
    change(estate) {
      estate.stacks = estate.stacks.filter(({ stack }) => stack === "dev");
      estate.stacks.push(productStack("bulkhead", "api-staging-production", "production"));
      stackOf(estate, "api-staging-production");
    },
  },
];

export const environmentInName: Corpus = { mutations, nearMisses };
