import type { Waiver } from "../../../policy/settings.ts";
import { type Estate, stackOf } from "../estate/spec.ts";
import { hexId } from "../estate/values.ts";

import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const PRODUCTION = hexId("bulkhead", "production", "account");

/** A complete waiver for something that is shared indeed. */
const WAIVER: Waiver = {
  rule: "separate-accounts",
  identity: `account:cloudflare/${PRODUCTION}`,
  stacks: ["staging", "production"],
  owner: "jane@example.com",
  reason: "The second account is being approved.",
  expires: "2027-02-01",
};

function sharedAccount(estate: Estate): void {
  for (const { inputs } of stackOf(estate, "staging").resources)
    if (inputs.accountId !== undefined) inputs.accountId = PRODUCTION;
}

const faulty = (name: string, change: Partial<Waiver>): Mutation => ({
  name: `a waiver ${name}, which waives nothing`,
  knownAt: "preview stack",
  change(estate) {
    sharedAccount(estate);
    estate.settings.waivers.push({ ...WAIVER, ...change });
  },
  also: ["separate-accounts"],
});

const mutations: readonly Mutation[] = [
  faulty("without an owner", { owner: "" }),
  faulty("without a reason", { reason: "" }),
  faulty("without an expiry", { expires: "" }),
  faulty("that expires on no day", { expires: "2027-02-30" }),
  faulty("that expired yesterday", { expires: "2026-11-20" }),
  faulty("for more than a year", { expires: "2027-12-01" }),
  {
    name: "a waiver for a rule that does not exist",
    knownAt: "preview stack",
    change(estate) {
      estate.settings.waivers.push({ ...WAIVER, rule: "separate-acounts" });
    },
  },
  {
    name: "a waiver for everything",
    knownAt: "preview stack",
    change(estate) {
      estate.settings.waivers.push({ ...WAIVER, identity: undefined });
    },
  },
  {
    name: "a waiver for every resource of a stack",
    knownAt: "preview stack",
    change(estate) {
      const urn = "urn:pulumi:staging::*";
      estate.settings.waivers.push({ ...WAIVER, identity: undefined, urn });
    },
  },
  {
    name: "a waiver for the rule about waivers",
    knownAt: "preview stack",
    change(estate) {
      estate.settings.waivers.push({ ...WAIVER, rule: "valid-waivers" });
    },
  },
  {
    name: "a rule that was made advisory without an owner",
    knownAt: "preview stack",
    change(estate) {
      const { reason, expires } = WAIVER;
      estate.settings.levels.push({
        rule: "no-shared-secret",
        level: "advisory",
        owner: "",
        reason,
        expires,
      });
    },
  },
  {
    name: "a waiver for a stack that does not exist",
    knownAt: "preview stack",
    change(estate) {
      estate.settings.waivers.push({ ...WAIVER, stacks: ["stagging"] });
    },
  },
  {
    name: "a waiver that its stacks no longer need",
    knownAt: "update stack",
    change(estate) {
      estate.settings.waivers.push(WAIVER);
    },
  },
  {
    name: "a waiver for all stacks about what no two of them share",
    knownAt: "update stack",
    change(estate) {
      const { stacks: _, ...rest } = WAIVER;
      estate.settings.waivers.push(rest);
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  {
    name: "a complete waiver that is needed, on its last day",
    change(estate) {
      sharedAccount(estate);
      estate.settings.waivers.push({ ...WAIVER, expires: estate.today });
    },
  },
  {
    name: "a waiver that another stack may need",
    change(estate) {
      estate.settings.waivers.push({ ...WAIVER, stacks: ["production"], owner: "" });
    },
  },
  {
    name: "a stricter level without a reason",
    change(estate) {
      estate.settings.levels.push({
        rule: "production-backups",
        level: "mandatory",
        owner: "",
        reason: "",
        expires: "",
      });
    },
  },
  {
    name: "a waiver of a difference that another stack has",
    change(estate) {
      estate.settings.waivers.push({
        ...WAIVER,
        rule: "environment-parity",
        identity: undefined,
        stacks: undefined,
        urn: "urn:pulumi:production::bulkhead::*::agentverse-postgres",
      });
    },
  },
];

export const validWaivers: Corpus = { mutations, nearMisses };
