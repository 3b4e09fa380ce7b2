import { Secret } from "../../../isolation/facts.ts";
import type { Estate } from "../estate/spec.ts";
import { resourceOf } from "../estate/spec.ts";
import { secretVariable, set } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const credential = (estate: Estate, stack: string, provider: string, path: string): string => {
  const value = resourceOf(estate, stack, provider).inputs[path];
  return value instanceof Secret ? String(value.value) : String(value);
};

const mutations: readonly Mutation[] = [
  {
    name: "a Cloudflare token that production uses",
    knownAt: "preview resource",
    change(estate) {
      const token = new Secret(credential(estate, "production", "cloudflare", "apiToken"));
      set(estate, "staging", "cloudflare", { apiToken: token });
      set(estate, "staging", "bulkhead", { cloudflareApiToken: token });
    },
  },
  {
    name: "an AWS key that production uses",
    knownAt: "preview resource",
    change(estate) {
      const key = new Secret(credential(estate, "production", "aws", "secretKey"));
      set(estate, "staging", "aws", { secretKey: key });
    },
  },
  {
    name: "production's token in the environment variables of a provider",
    knownAt: "preview resource",
    change(estate) {
      const token = credential(estate, "production", "digitalocean", "token");
      set(estate, "staging", "digitalocean", {
        env: new Secret(JSON.stringify({ DIGITALOCEAN_TOKEN: token })),
      });
    },
  },
  {
    name: "a token that a Worker of production holds",
    knownAt: "preview resource",
    change(estate) {
      const token = new Secret(credential(estate, "staging", "digitalocean", "token"));
      secretVariable(estate, "DEPLOY_TOKEN", { production: token });
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  {
    name: "one token in two providers of the same stack",
    change(estate) {
      const token = new Secret(credential(estate, "staging", "cloudflare", "apiToken"));
      set(estate, "staging", "bulkhead", { cloudflareApiToken: token });
    },
  },
  {
    name: "the same region and version of a provider",
    change(estate) {
      set(estate, "staging", "aws", { region: new Secret("eu-central-1") });
      set(estate, "production", "aws", { region: new Secret("eu-central-1") });
    },
  },
];

export const separateCredentials: Corpus = { mutations, nearMisses };
