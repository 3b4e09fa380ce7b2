import "./components/native-stack-traces.ts";
import * as pulumi from "@pulumi/pulumi";
import { connectAccounts } from "./components/accounts.ts";
import { Scope } from "./components/scope.ts";
import { chosenSystems, readSettings } from "./components/settings.ts";
import { ManifestCollector } from "./components/stack-manifest.ts";
import { type SystemResources, systemOutputs } from "./components/system-outputs.ts";
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
  operatorAddresses,
} = readSettings(
  stack,
  {
    systems: chosenSystems(config, process.env),
    tier: config.get("tier"),
    protect: config.get("protect"),
    operatorAddresses: config.get("operatorAddresses"),
  },
  SYSTEM_NAMES,
);
const { cloudflare: account, ...elsewhere } = connectAccounts(stack, process.env);

/** Name of the environment. */
export const environment = stack;
/** How much the environment matters. */
export { tier };
/** The Cloudflare account that holds the environment. */
export const cloudflareAccountId = account.id;
const declared = chosen.map((name): [string, SystemResources] => {
  const scope = new Scope(name, {
    environment,
    tier,
    account,
    elsewhere,
    operatorAddresses,
    protectData,
  });
  return [name, declarations[name](scope)];
});
/** For each system: addresses, Workers, databases, buckets, and the state of secrets, never a value. */
export const systems = Object.fromEntries(
  declared.map(([name, resources]) => [name, systemOutputs(resources)]),
);
/** For each system what programs elsewhere connect by, under the variables that they look for; with secrets. */
export const variables = Object.fromEntries(
  declared.map(([name, resources]) => [name, resources.variables ?? {}]),
);
/** What the stack owns, uses and keeps secret, for the policies of other stacks; nothing here is secret. */
export const isolation = collector.manifest();
