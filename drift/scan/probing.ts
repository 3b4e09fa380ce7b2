/** Asks every probe about one stack, and the vendors' logs who has done what was found. */

import type { Tier } from "../../components/tier.ts";
import type { StackFacts } from "../../isolation/facts.ts";
import { concurrently } from "../../policy/siblings/concurrently.ts";
import { messageOf } from "../../policy/wording.ts";
import { type ChangedResource, liveFacts } from "../engine/live-facts.ts";
import type { PreviewTarget } from "../engine/preview.ts";
import { SealedError } from "../engine/secrets.ts";
import type { Difference } from "../finding.ts";
import { PartlyUnknown, type Probe, type ProbeInput } from "../probes/probe.ts";
import type { Redactor } from "../redact/redact.ts";
import type { Problem } from "../report/report.ts";
import { withTraces } from "../trace/trace.ts";
import { openAccounts } from "../vendors/accounts.ts";
import { advised } from "./advice.ts";
import { merged } from "./merge.ts";
import { once } from "./once.ts";
import type { ScanOptions } from "./options.ts";

/**
 * Probes of a stack that run at once: the program's preview takes longer than most others together,
 * and those wait for the vendors.
 */
const PROBES_AT_ONCE = 3;

export interface LookOptions extends ScanOptions {
  readonly redactor: Redactor;
  readonly isOwned: ProbeInput["isOwned"];
}

/** What is known of a stack before it is looked at. */
export interface Known extends Pick<ProbeInput, "secrets"> {
  readonly label: string;
  readonly tier: Tier;
  readonly recorded: StackFacts;
}

/** What a refresh has found. */
export interface Refreshed {
  readonly changed: readonly ChangedResource[];
  readonly differences: readonly Difference[];
}

export interface Probed {
  /** Of the refresh and of the probes, with who has done it. */
  readonly differences: readonly Difference[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

/** What the refresh and every probe have found. @throws only when the run is ended. */
export async function probe(
  preview: PreviewTarget,
  refreshed: Refreshed,
  known: Known,
  options: LookOptions,
): Promise<Probed> {
  const { redactor } = options;
  const { signal } = preview;
  const notes: string[] = [];
  const input = probeInput(preview, refreshed, known, options, (text) =>
    notes.push(redactor.text(text)),
  );
  const probed = await concurrently(options.probes, PROBES_AT_ONCE, (each) => {
    signal.throwIfAborted();
    options.onProgress({ stack: known.label, stage: "probing", probe: each.name });
    return ask(each, input);
  });
  const found = merged(
    refreshed.differences,
    probed.flatMap(({ differences }) => differences),
  );
  const traced = await withTraces(found, {
    recorded: known.recorded.resources,
    secrets: known.secrets,
    accounts: input.accounts,
    shown: (words) => redactor.text(words),
    now: options.now,
    signal,
  });
  return {
    differences: traced.differences,
    problems: onceSealed(probed.flatMap(({ problems }) => problems)),
    notes: [...notes, ...traced.notes],
  };
}

function probeInput(
  preview: PreviewTarget,
  { changed }: Refreshed,
  { tier, recorded, secrets }: Known,
  { project, redactor, isOwned, now }: LookOptions,
  note: ProbeInput["note"],
): ProbeInput {
  return {
    stack: recorded,
    tier,
    recorded,
    live: liveFacts(recorded, changed),
    changed,
    secrets,
    accounts: once(async () => openAccounts(await secrets(), project.env)),
    isOwned,
    preview,
    redactor,
    now,
    note,
  };
}

async function ask(
  { name, looksAt, run }: Probe,
  input: ProbeInput,
): Promise<Pick<Probed, "differences" | "problems">> {
  const { preview, redactor } = input;
  try {
    return { differences: await run(input), problems: [] };
  } catch (error) {
    preview.signal.throwIfAborted();
    const said = advised(messageOf(error), preview.stack, redactor);
    const problem =
      error instanceof SealedError
        ? { part: SEALED, message: said }
        : { part: name, message: `Could not look at ${looksAt}: ${said}` };
    const differences = error instanceof PartlyUnknown ? error.differences : [];
    return { differences, problems: [problem] };
  }
}

const SEALED = "secrets";

/** What nobody can decrypt keeps most probes from looking, and is said once. */
const onceSealed = (problems: readonly Problem[]): Problem[] =>
  problems.filter(
    ({ part }, at) => part !== SEALED || problems.findIndex((each) => each.part === part) === at,
  );
