import { stackOf } from "../estate/spec.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const mutations: readonly Mutation[] = [
  {
    name: "a sibling that cannot be read",
    knownAt: "preview resource",
    change(estate) {
      stackOf(estate, "production").status = "unreadable";
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  {
    name: "a sibling that was never deployed",
    change(estate) {
      stackOf(estate, "production").status = "empty";
    },
  },
  {
    name: "the first stack of a backend",
    change(estate) {
      estate.stacks = estate.stacks.filter(({ stack }) => stack === "staging");
    },
  },
];

export const readableSiblings: Corpus = { mutations, nearMisses };
