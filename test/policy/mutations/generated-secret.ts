import { Secret } from "../../../isolation/facts.ts";
import { Derived, stackOf } from "../estate/spec.ts";
import { randomText } from "../estate/values.ts";
import { bind, secretVariable } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const typed = (name: string): Mutation => ({
  name: `a typed ${name}`,
  knownAt: "preview stack",
  change(estate) {
    const values = estate.stacks.map(({ stack }) => [
      stack,
      new Secret(randomText(64, stack, name)),
    ]);
    secretVariable(estate, name, Object.fromEntries(values));
  },
});

const issued = (name: string): NearMiss => ({
  name: `a ${name} that a third party issued`,
  change(estate) {
    secretVariable(estate, name, { staging: new Secret(randomText(64, "staging", name)) });
  },
});

const mutations: readonly Mutation[] = [
  typed("JWT_SECRET_KEY"),
  typed("SESSION_SECRET"),
  typed("ENCRYPTION_KEY"),
  typed("COOKIE_SIGNING_KEYS"),
  {
    name: "a signing key in the configuration",
    knownAt: "preview stack",
    change(estate) {
      stackOf(estate, "staging").config["qhub:jwtSecret"] = new Secret(randomText(64, "typed jwt"));
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  issued("STRIPE_SIGNING_SECRET"),
  issued("GITHUB_CLIENT_SECRET"),
  issued("PARTNER_API_KEY"),
  issued("AWS_SESSION_TOKEN"),
  {
    name: "a key that is derived from a generated one",
    change(estate) {
      bind(estate, "SESSION_SECRET", () => ({
        type: "secret_text",
        text: new Derived([{ key: "secret key", path: "result" }], (value) =>
          Buffer.from(value).toString("base64"),
        ),
      }));
    },
  },
  {
    name: "a number of versions under a key's name",
    change(estate) {
      stackOf(estate, "staging").config["qhub:jwtSecretVersion"] = "2";
    },
  },
];

export const generatedSecret: Corpus = { mutations, nearMisses };
