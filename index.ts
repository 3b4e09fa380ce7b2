import "./components/native-stack-traces.ts";
import * as pulumi from "@pulumi/pulumi";
import {
  cloudflareCredentials,
  connectCloudflareAccount,
} from "./components/cloudflare-account.ts";
import { Scope } from "./components/scope.ts";
import { readSettings } from "./components/settings.ts";
import { ManifestCollector } from "./components/stack-manifest.ts";
import { systemOutputs } from "./components/system-outputs.ts";
import { readSettings as readPolicySettings } from "./policy/settings.ts";
import { systems as declarations, SYSTEM_NAMES } from "./systems/index.ts";

// Before the first resource, so that it sees them all.
const collector = new ManifestCollector(readPolicySettings("policy/settings.yaml").salt);
const stack = pulumi.getStack();
const config = new pulumi.Config("bulkhead");

const {
  systems: chosen,
  tier,
  protectData,
} = readSettings(
  stack,
  {
    systems: config.get("systems"),
    tier: config.get("tier"),
    protect: config.get("protect"),
  },
  SYSTEM_NAMES,
);
const account = connectCloudflareAccount(
  cloudflareCredentials(
    stack,
    {
      accountId: config.get("cloudflareAccountId"),
      apiToken: new pulumi.Config("cloudflare").getSecret("apiToken"),
    },
    process.env,
  ),
);

/** Name of the environment. */
export const environment = stack;
/** How much the environment matters. */
export { tier };
/** The Cloudflare account that holds the environment. */
export const cloudflareAccountId = account.id;
/** For each system: addresses, Workers, databases, buckets, and the state of secrets, never a value. */
export const systems = Object.fromEntries(
  chosen.map((name) => {
    const scope = new Scope(name, { environment, tier, account, protectData });
    return [name, systemOutputs(declarations[name](scope))];
  }),
);
/** What the stack owns, uses and keeps secret, for the policies of other stacks; nothing here is secret. */
export const isolation = collector.manifest();
