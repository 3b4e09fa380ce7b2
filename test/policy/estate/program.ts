/** The base estate: the same product in three environments, with nothing shared. */
import type { Tier } from "../../../components/tier.ts";
import { Secret } from "../../../isolation/facts.ts";
import type { PolicySettings } from "../../../policy/settings.ts";
import { declareCutty, declareQhub } from "./cloudflare-systems.ts";
import { declareHandled } from "./data-servers.ts";
import { declareAgentverse, declareInstainstru } from "./hosted-systems.ts";
import { add, type Estate, output, type StackSpec } from "./spec.ts";
import { hexId, randomText, uuid } from "./values.ts";

const SETTINGS: PolicySettings = {
  salt: "b5cV2-xGmDYjZ0RjY9iYvA7Zt1Qw3LhKp4N8eRuTfSg",
  projects: [],
  waivers: [],
  levels: [],
};

/** Stacks with their tiers, and how production spells itself in names that are older than the rest. */
const STACKS: readonly (readonly [stack: string, tier: Tier])[] = [
  ["dev", "development"],
  ["staging", "staging"],
  ["production", "production"],
];

/** A fresh estate that breaks no rule; every call gives one of its own to change. */
export function baseEstate(): Estate {
  return {
    stacks: STACKS.map(([stack, tier]) => productStack("bulkhead", stack, tier)),
    settings: structuredClone(SETTINGS),
    today: "2026-11-21",
    exported: (manifest) => manifest,
  };
}

/** One environment of the product. */
export function productStack(project: string, stack: string, tier: Tier): StackSpec {
  const spec: StackSpec = {
    project,
    stack,
    tier,
    config: {
      "bulkhead:tier": tier,
      "bulkhead:systems": '["qhub","cutty","agentverse","instainstru","handled"]',
      "agentverse:mailApiKey": new Secret(`re_${randomText(32, project, stack, "mail")}`),
    },
    resources: [],
    outputs: {},
    status: "deployed",
    made: new Set(),
  };
  const account = hexId(project, stack, "account");
  declareProviders(spec, project, stack);
  declareQhub(spec, account);
  declareCutty(spec, account);
  declareAgentverse(spec, account);
  declareInstainstru(spec);
  declareHandled(spec, account);
  spec.outputs = {
    environment: stack,
    tier,
    cloudflareAccountId: account,
    systems: {
      qhub: {
        databases: { main: { id: output("qhub database", "uuid"), name: `qhub-${stack}` } },
        secrets: { JWT_SECRET: { length: 64, set: true, version: 1 } },
        urls: { api: `https://qhub-api-${stack}.${stack}-${account.slice(0, 6)}.workers.dev` },
      },
      agentverse: { bucket: output("reps", "name"), url: `https://api.${stack}.agentverse.dev` },
    },
  };
  return spec;
}

function declareProviders(spec: StackSpec, project: string, stack: string): void {
  const token = new Secret(randomText(40, project, stack, "cloudflare token"));
  add(spec, {
    key: "cloudflare",
    type: "pulumi:providers:cloudflare",
    name: "cloudflare",
    inputs: { apiToken: token, version: "6.22.1" },
    id: uuid(project, stack, "cloudflare provider"),
  });
  add(spec, {
    key: "bulkhead",
    type: "pulumi:providers:bulkhead",
    name: "bulkhead",
    inputs: { cloudflareApiToken: token },
    id: uuid(project, stack, "bulkhead provider"),
  });
  add(spec, {
    key: "digitalocean",
    type: "pulumi:providers:digitalocean",
    name: "digitalocean",
    inputs: {
      token: new Secret(`dop_v1_${hexId(project, stack, "do")}${hexId(project, stack, "do 2")}`),
      spacesAccessId: `DO${randomText(18, project, stack, "spaces").toUpperCase()}`,
      spacesSecretKey: new Secret(randomText(43, project, stack, "spaces secret")),
    },
    id: uuid(project, stack, "digitalocean provider"),
  });
  add(spec, {
    key: "aws",
    type: "pulumi:providers:aws",
    name: "aws",
    inputs: {
      region: "eu-central-1",
      accessKey: new Secret(
        `AKIA${randomText(16, project, stack, "aws id")
          .toUpperCase()
          .replace(/[01 89]/g, "Q")}`,
      ),
      secretKey: new Secret(randomText(40, project, stack, "aws secret")),
    },
    id: uuid(project, stack, "aws provider"),
  });
}
