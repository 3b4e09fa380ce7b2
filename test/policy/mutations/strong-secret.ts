import { Secret } from "../../../isolation/facts.ts";
import { add, output, stackOf } from "../estate/spec.ts";
import { declare, ownSecret, postgresUrl, secretVariable, set, setEverywhere } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const generator =
  (key: string, name: string, inputs: Record<string, number | boolean>) =>
  (stack: { stack: string }) => ({
    key,
    type: "random:index/randomPassword:RandomPassword",
    name,
    parent: "agentverse",
    inputs: { special: false, ...inputs },
    answer: { result: new Secret(ownSecret(stack.stack, key).slice(0, Number(inputs.length))) },
    id: "none",
  });

const mutations: readonly Mutation[] = [
  {
    name: "a generated password of 16 characters",
    knownAt: "preview resource",
    change(estate) {
      setEverywhere(estate, "rds password", { length: 16 });
    },
  },
  {
    name: "a generated password of digits alone",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "rds password", { lower: false, upper: false, length: 38 });
      for (const { stack } of estate.stacks) set(estate, stack, "rds password", { length: 38 });
    },
  },
  {
    name: "a generated signing key of half the length",
    knownAt: "preview resource",
    change(estate) {
      setEverywhere(estate, "jwt v1", { length: 32 });
    },
  },
  {
    name: "64 characters of a small alphabet as a signing key",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "jwt v1", { lower: false, upper: false });
    },
  },
  {
    name: "a signing key for tokens of many signs and few characters",
    knownAt: "preview resource",
    change(estate) {
      setEverywhere(estate, "jwt v1", { length: 50, special: true });
    },
  },
  {
    name: "eight random bytes",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), {
        key: "bytes",
        type: "random:index/randomBytes:RandomBytes",
        name: "agentverse-bytes",
        parent: "agentverse",
        inputs: { length: 8 },
        answer: { hex: new Secret("9f86d081884c7d65") },
        id: "none",
      });
    },
  },
  {
    name: "a password that is strong by itself and too weak for the key that it becomes",
    knownAt: "update stack",
    change(estate) {
      declare(estate, generator("ticket", "agentverse-ticket-v1", { length: 40 }));
      const values = estate.stacks.map(({ stack }) => [stack, output("ticket", "result")]);
      secretVariable(estate, "SESSION_SECRET", Object.fromEntries(values));
    },
  },
  {
    name: "a weak secret in the configuration",
    knownAt: "preview stack",
    change(estate) {
      stackOf(estate, "staging").config["agentverse:partnerToken"] = new Secret("hunter2hunter2");
    },
  },
  {
    name: "a weak password inside of a long URL",
    knownAt: "preview stack",
    change(estate) {
      secretVariable(estate, "REPORTS_URL", {
        staging: new Secret("postgresql://app:app@reports-8f3k2.staging.acme.dev:5432/app"),
      });
    },
  },
  {
    name: "words that begin as DigitalOcean's passwords do",
    knownAt: "preview stack",
    change(estate) {
      secretVariable(estate, "PARTNER_PASSWORD", {
        staging: new Secret("AVNS_correct-horse-battery-staple"),
      });
    },
  },
  {
    name: "a secret that is one character",
    knownAt: "preview stack",
    change(estate) {
      secretVariable(estate, "PARTNER_KEY", { staging: new Secret("x") });
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  {
    name: "a generated password of 22 letters and digits",
    change(estate) {
      setEverywhere(estate, "rds password", { length: 22 });
    },
  },
  {
    name: "a signing key of 64 hexadecimal digits",
    change(estate) {
      setEverywhere(estate, "jwt v1", {
        lower: false,
        upper: false,
        numeric: true,
        special: true,
        overrideSpecial: "abcdef",
      });
    },
  },
  {
    name: "the password that DigitalOcean gives its databases, whatever it is",
    change(estate) {
      for (const stack of estate.stacks)
        for (const spec of stack.resources)
          if (spec.key === "postgres") spec.answer.password = new Secret(`short-${stack.stack}`);
    },
  },
  {
    name: "a password of DigitalOcean's with signs in it, which the stack was told",
    change(estate) {
      secretVariable(estate, "PARTNER_PASSWORD", {
        staging: new Secret(["AVNS", "k7-Qx_9Lz-2Vb_8Rt-4"].join("_")),
      });
    },
  },
  {
    name: "a user's name and a region that are kept as secrets",
    change(estate) {
      secretVariable(estate, "DB_USER", { staging: new Secret("app") });
      secretVariable(estate, "SINK_REGION", { staging: new Secret("fra1") });
    },
  },
  {
    name: "a URL with a strong password",
    change(estate) {
      secretVariable(estate, "REPORTS_URL", {
        staging: postgresUrl("staging", "reports.staging.acme.dev"),
      });
    },
  },
];

export const strongSecret: Corpus = { mutations, nearMisses };
