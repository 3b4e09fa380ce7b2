import { productStack } from "../estate/program.ts";
import { resourceOf } from "../estate/spec.ts";
import { declare, deployed, namespace } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const unprotected = (key: string): Mutation => ({
  name: `production's ${key} without protect`,
  subject: "production",
  knownAt: "preview resource",
  change(estate) {
    resourceOf(estate, "production", key).protect = false;
  },
});

const mutations: readonly Mutation[] = [
  ...["qhub database", "files bucket", "postgres", "reps", "rds", "exports"].map(unprotected),
  {
    name: "a namespace of production without protect",
    subject: "production",
    knownAt: "preview resource",
    change(estate) {
      declare(estate, (stack) => ({ ...namespace(stack), protect: false }));
    },
  },
  {
    name: "data of production that would not stay at the vendor",
    subject: "production",
    knownAt: "preview stack",
    change(estate) {
      resourceOf(estate, "production", "qhub database").retainOnDelete = false;
      deployed(estate, "production");
    },
  },
  {
    name: "data of a stack that is called production and has the tier of staging",
    subject: "eu-prod",
    knownAt: "preview resource",
    change(estate) {
      estate.stacks = estate.stacks.filter(({ stack }) => stack !== "staging");
      const stack = productStack("bulkhead", "eu-prod", "production");
      stack.tier = "staging";
      const reps = stack.resources.find(({ key }) => key === "reps");
      if (reps) reps.inputs.name = "agentverse-eu-prod-reps";
      for (const resource of stack.resources) resource.protect = false;
      estate.stacks.push(stack);
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  {
    name: "data of staging without protect",
    change(estate) {
      for (const key of ["qhub database", "postgres"])
        resourceOf(estate, "staging", key).protect = false;
    },
  },
  {
    name: "a Worker of production without protect",
    subject: "production",
    change(estate) {
      resourceOf(estate, "production", "api script").protect = false;
    },
  },
  {
    name: "the settings of a bucket of production without protect",
    subject: "production",
    change(estate) {
      resourceOf(estate, "production", "files lifecycle").protect = false;
    },
  },
];

export const productionProtected: Corpus = { mutations, nearMisses };
