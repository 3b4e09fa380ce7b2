import { Secret } from "../../../isolation/facts.ts";
import { add, type Estate, resourceOf, stackOf, type Value } from "../estate/spec.ts";
import { hexId, uuid } from "../estate/values.ts";
import { late, namespace, ownSecret, set, setEverywhere } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

type Binding = { name: string; type: string };

const bindingsOf = (estate: Estate, stack: string, key: string): Binding[] =>
  resourceOf(estate, stack, key).inputs.bindings as unknown as Binding[];

const setBindings = (estate: Estate, stack: string, key: string, bindings: Binding[]): void =>
  set(estate, stack, key, { bindings: bindings as unknown as Value });

const production = (name: string, change: Mutation["change"]): Mutation => ({
  name,
  subject: "production",
  knownAt: "preview stack",
  change,
});

const mutations: readonly Mutation[] = [
  production("a Worker of production that lacks a binding of staging's", (estate) => {
    const left = bindingsOf(estate, "production", "api script").filter(({ name }) => name !== "AI");
    setBindings(estate, "production", "api script", left);
  }),
  production("a binding of another type", (estate) => {
    const changed = bindingsOf(estate, "production", "files script").map((binding) =>
      binding.name === "SIGN_UP" ? { name: "SIGN_UP", type: "json", json: "true" } : binding,
    );
    setBindings(estate, "production", "files script", changed);
  }),
  production("an older compatibility date", (estate) => {
    set(estate, "production", "api script", { compatibilityDate: "2025-06-01" });
  }),
  production("a compatibility flag that staging does not have", (estate) => {
    set(estate, "production", "api script", { compatibilityFlags: ["nodejs_compat"] });
  }),
  production(
    "a compatibility flag that staging has, where a refresh has shown an empty list",
    (estate) => {
      set(estate, "staging", "api script", { compatibilityFlags: ["nodejs_compat"] });
      set(estate, "production", "api script", { compatibilityFlags: [] });
    },
  ),
  {
    name: "a compatibility date that turns out to be older",
    subject: "production",
    knownAt: "update stack",
    change(estate) {
      const date = late(estate, (stack) => (stack === "production" ? "2025-06-01" : "2026-01-01"));
      setEverywhere(estate, "api script", { compatibilityDate: date });
    },
  },
  production("another version of Postgres", (estate) => {
    set(estate, "production", "postgres", { version: "16" });
  }),
  production("another engine's version at AWS", (estate) => {
    set(estate, "production", "rds", { engineVersion: "16.4" });
  }),
  production("a migration that staging has not tried", (estate) => {
    const { inputs } = resourceOf(estate, "production", "qhub migrations");
    inputs.files = [
      ...(inputs.files as Value[]),
      { name: "0003_drop_users.sql", sha256: `${hexId("drop")}${hexId("drop 2")}` },
    ];
  }),
  production("a migration whose text was changed after staging had it", (estate) => {
    const { inputs } = resourceOf(estate, "production", "qhub migrations");
    const [first, ...rest] = inputs.files as { name: string }[];
    inputs.files = [{ name: first?.name ?? "", sha256: "0".repeat(64) }, ...rest];
  }),
  production("a namespace that only staging has", (estate) => {
    add(stackOf(estate, "staging"), namespace(stackOf(estate, "staging")));
  }),
  production("a whole system that only staging has", (estate) => {
    const removed = new Set([
      "instainstru",
      "rds password",
      "rds",
      "exports",
      "exports versioning",
      "exports block",
    ]);
    const stack = stackOf(estate, "production");
    stack.resources = stack.resources.filter(({ key }) => !removed.has(key));
  }),
  production("a longer secret than staging's", (estate) => {
    set(estate, "production", "secret key", { length: 96 });
  }),
  {
    name: "a resource of staging that development does not have",
    knownAt: "preview stack",
    change(estate) {
      add(stackOf(estate, "staging"), namespace(stackOf(estate, "staging")));
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  ...[[], {}, null].map(
    (nothing): NearMiss => ({
      name: `no compatibility flags, which staging spells ${JSON.stringify(nothing)}`,
      subject: "production",
      change(estate) {
        set(estate, "staging", "api script", { compatibilityFlags: nothing });
      },
    }),
  ),
  {
    name: "other sizes and numbers of nodes in production",
    subject: "production",
    change(estate) {
      set(estate, "production", "postgres", { size: "db-s-8vcpu-32gb", nodeCount: 3 });
    },
  },
  {
    name: "a secret in the middle of its rotation",
    subject: "production",
    change(estate) {
      const stack = stackOf(estate, "production");
      add(stack, {
        key: "jwt v2",
        type: "random:index/randomPassword:RandomPassword",
        name: "qhub-jwt-secret-v2",
        parent: "jwt",
        inputs: { length: 64, special: false },
        answer: { result: new Secret(ownSecret("production", "jwt v2")) },
        id: "none",
      });
      const bindings = bindingsOf(estate, "production", "api script");
      const previous = bindings.find(({ name }) => name === "JWT_SECRET");
      setBindings(estate, "production", "api script", [
        ...bindings,
        { ...previous, name: "JWT_SECRET_PREVIOUS", type: "secret_text" },
      ]);
    },
  },
  {
    name: "what production has and staging not, while staging was never deployed",
    subject: "production",
    change(estate) {
      stackOf(estate, "staging").status = "empty";
      set(estate, "production", "postgres", { version: "17" });
    },
  },
  {
    name: "a difference to a staging of another project",
    subject: "production",
    change(estate) {
      stackOf(estate, "staging").project = "shop";
      set(estate, "production", "postgres", { version: "17" });
    },
  },
  {
    name: "a difference that is written down",
    subject: "production",
    change(estate) {
      set(estate, "production", "postgres", { version: "16" });
      estate.settings.waivers.push({
        rule: "environment-parity",
        urn: "*DatabaseCluster::agentverse-postgres",
        path: "version",
        stacks: ["production"],
        owner: "jane@example.com",
        reason: "Production is upgraded in the next window.",
        expires: "2026-12-31",
      });
    },
  },
  {
    name: "logical names that say their environment",
    subject: "production",
    change(estate) {
      for (const stack of estate.stacks)
        add(stack, {
          ...namespace(stack),
          name: `qhub-sessions-${stack.stack}`,
          id: hexId("own", stack.stack, uuid("x")),
        });
    },
  },
];

export const environmentParity: Corpus = { mutations, nearMisses };
