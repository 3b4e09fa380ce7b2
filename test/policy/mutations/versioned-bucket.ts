import { output, resourceOf, stackOf } from "../estate/spec.ts";
import { deployed, set } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const mutations: readonly Mutation[] = [
  {
    name: "a bucket of Spaces in production without versions",
    subject: "production",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "production", "reps", { versioning: { enabled: false } });
    },
  },
  {
    name: "a bucket of S3 in production whose versions are suspended",
    subject: "production",
    knownAt: "preview stack",
    change(estate) {
      set(estate, "production", "exports versioning", {
        versioningConfiguration: { status: "Suspended" },
      });
      deployed(estate, "production");
    },
  },
  {
    name: "a bucket of S3 in production that nothing switches versions on for",
    subject: "production",
    knownAt: "preview stack",
    change(estate) {
      for (const stack of estate.stacks)
        stack.resources = stack.resources.filter(({ key }) => key !== "exports versioning");
    },
  },
  {
    name: "versions that turn out to be another bucket's",
    subject: "production",
    knownAt: "update stack",
    change(estate) {
      resourceOf(estate, "production", "exports").answer.other = "instainstru-other-production";
      set(estate, "production", "exports versioning", { bucket: output("exports", "other") });
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  {
    name: "a bucket of staging without versions",
    change(estate) {
      set(estate, "staging", "reps", { versioning: { enabled: false } });
    },
  },
  {
    name: "a bucket of S3 with versions as a property of its own",
    subject: "production",
    change(estate) {
      for (const stack of estate.stacks)
        stack.resources = stack.resources.filter(({ key }) => key !== "exports versioning");
      for (const { stack } of estate.stacks)
        set(estate, stack, "exports", { versioning: { enabled: true } });
    },
  },
  {
    name: "a bucket of S3 whose versions were switched on before",
    subject: "production",
    change(estate) {
      deployed(estate, "production");
      stackOf(estate, "production");
    },
  },
];

export const versionedBucket: Corpus = { mutations, nearMisses };
