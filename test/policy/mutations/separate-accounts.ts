import { stackOf } from "../estate/spec.ts";
import { hexId } from "../estate/values.ts";
import { variable } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const PRODUCTION = hexId("bulkhead", "production", "account");

const mutations: readonly Mutation[] = [
  {
    name: "everything of staging in production's Cloudflare account",
    knownAt: "preview resource",
    change(estate) {
      for (const { inputs } of stackOf(estate, "staging").resources)
        if (inputs.accountId !== undefined) inputs.accountId = PRODUCTION;
      stackOf(estate, "staging").outputs.cloudflareAccountId = PRODUCTION;
    },
  },
  {
    name: "one resource of staging in production's account, its id in capitals",
    knownAt: "preview resource",
    change(estate) {
      const { resources } = stackOf(estate, "staging");
      const bucket = resources.find(({ key }) => key === "files bucket");
      if (bucket) bucket.inputs.accountId = PRODUCTION.toUpperCase();
    },
  },
  {
    name: "the address of production's account at R2",
    knownAt: "preview resource",
    change(estate) {
      variable(estate, "R2_ENDPOINT", {
        staging: `https://${PRODUCTION}.r2.cloudflarestorage.com`,
      });
    },
  },
  {
    name: "one AWS account in variables of both stacks",
    knownAt: "preview resource",
    change(estate) {
      variable(estate, "AWS_ACCOUNT_ID", { staging: "210987654321", production: "210987654321" });
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  {
    name: "roles of an AWS account in each stack",
    change(estate) {
      variable(estate, "REPORT_ROLE", {
        staging: "arn:aws:iam::111111111111:role/staging",
        production: "arn:aws:iam::222222222222:role/production",
      });
    },
  },
  {
    name: "an account that is shared on purpose for a time",
    change(estate) {
      for (const { inputs } of stackOf(estate, "staging").resources)
        if (inputs.accountId !== undefined) inputs.accountId = PRODUCTION;
      stackOf(estate, "staging").outputs.cloudflareAccountId = PRODUCTION;
      estate.settings.waivers.push({
        rule: "separate-accounts",
        identity: `account:cloudflare/${PRODUCTION}`,
        owner: "jane@example.com",
        reason: "The second account is being approved.",
        expires: "2027-02-01",
      });
    },
  },
  {
    name: "a policy that AWS itself owns in both stacks",
    change(estate) {
      const policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
      variable(estate, "POLICY", { staging: policy, production: policy, dev: policy });
    },
  },
];

export const separateAccounts: Corpus = { mutations, nearMisses };
