import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PulumiProject } from "../../../drift/engine/command.ts";
import { changedResources, liveFacts } from "../../../drift/engine/live-facts.ts";
import { previewRefresh } from "../../../drift/engine/preview.ts";
import { readSecrets } from "../../../drift/engine/secrets.ts";
import type { Difference } from "../../../drift/finding.ts";
import type { Probe, ProbeInput } from "../../../drift/probes/probe.ts";
import { Redactor } from "../../../drift/redact/redact.ts";
import { openAccounts } from "../../../drift/vendors/accounts.ts";
import { IsolationIndex } from "../../../isolation/compare/index.ts";
import { createFingerprinter } from "../../../isolation/secrets/index.ts";
import { askPulumi } from "../../../policy/siblings/pulumi-command.ts";
import { stateFacts } from "../../../policy/state/index.ts";
import { type TestEstate, TOOLS_FILE } from "../../support/estate.ts";

/** Of the tests alone. */
const SALT = "bm90LWEtc2VjcmV0LWp1c3QtYS1zYWx0LW9mLWEtdGVzdA";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** How Pulumi runs for a stack of an estate. */
export async function projectOf(estate: TestEstate, stack: string): Promise<PulumiProject> {
  const print = "process.stdout.write(JSON.stringify(process.env))";
  const { stdout } = await estate.shell(`node -e '${print}'`, { stack });
  const { pulumi, version } = JSON.parse(readFileSync(TOOLS_FILE, "utf8")).pulumi;
  return { pulumi, version, env: JSON.parse(stdout), root: ROOT };
}

/**
 * What a run gives the probes of a stack.
 *
 * @param refreshes whether what really is there is looked up; else all counts as it is recorded.
 */
export async function probeInput(
  estate: TestEstate,
  stack: string,
  { refreshes = false } = {},
): Promise<ProbeInput> {
  const project = await projectOf(estate, stack);
  const { signal } = new AbortController();
  const configFile = join(estate.stateDir, `probed-${stack}.yaml`);
  copyFileSync(join(ROOT, `Pulumi.${stack}.yaml`), configFile);
  const preview = { project, stack, configFile, signal };
  const { pulumi, env, root: folder } = project;
  const args = ["stack", "export", "--stack", stack];
  const exported = JSON.parse(await askPulumi({ pulumi, env, folder }, args, 60_000));
  const name = { project: "bulkhead", stack };
  const recorded = stateFacts(exported, name);
  const steps = refreshes ? (await previewRefresh(preview, () => undefined)).steps : [];
  const changed = changedResources(recorded, steps);
  const secrets = readSecrets(project, stack, signal);
  return {
    stack: name,
    tier: "staging",
    recorded,
    live: liveFacts(recorded, changed),
    changed,
    secrets: () => secrets,
    accounts: async () => openAccounts(await secrets, env),
    isOwned: () => false,
    preview,
    redactor: new Redactor(new IsolationIndex(), createFingerprinter(SALT)),
    now: Date.now(),
    note: () => undefined,
  };
}

/** The findings of a probe as `kind name: message`, in the order of their texts. */
export async function told(probe: Probe, input: ProbeInput): Promise<string[]> {
  return (await probe.run(input)).map(toText).sort();
}

export const toText = ({ kind, subject, message }: Difference): string =>
  `${kind} ${subject.name}: ${message}`;
