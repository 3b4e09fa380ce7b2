/** Looks at one stack: by a preview of its refresh, and by every probe. */

import type { Tier } from "../../components/tier.ts";
import {
  type ResourceFact,
  type StackFacts,
  type StackName,
  stackLabel,
} from "../../isolation/facts.ts";
import { type StackReading, unreadable } from "../../policy/siblings/index.ts";
import { messageOf } from "../../policy/wording.ts";
import { type ChangedResource, changedResources } from "../engine/live-facts.ts";
import { type PreviewTarget, previewRefresh } from "../engine/preview.ts";
import { readSecrets, SealedError } from "../engine/secrets.ts";
import type { Difference } from "../finding.ts";
import type { FilteredChange, Problem, StackReport } from "../report/report.ts";
import { advised } from "./advice.ts";
import { refreshDifferences } from "./differences.ts";
import { once } from "./once.ts";
import { type Known, type LookOptions, probe } from "./probing.ts";

/** What looking at one stack has shown, before it is graded. */
export interface LookedAt {
  readonly label: string;
  readonly name: StackName;
  readonly tier: Tier;
  readonly status: StackReport["status"];
  readonly resources: number;
  readonly durationSeconds: number;
  readonly problems: readonly Problem[];
  readonly notes?: readonly string[];
  readonly differences: readonly Difference[];
  readonly filtered: readonly FilteredChange[];
  /** What is not as recorded; the rules are asked about it once every stack is known. */
  readonly changed: readonly ChangedResource[];
  /** The stack's resources as they are recorded; read again at each call. */
  readonly recorded: () => readonly ResourceFact[];
}

/** Never throws but for an abort: what cannot be looked at is a problem of the stack. */
export async function lookAt(reading: StackReading, options: LookOptions): Promise<LookedAt> {
  const began = performance.now();
  const label = stackLabel(reading.name);
  const found = await contentsOf(reading, label, options);
  options.onProgress({ stack: label, stage: "ended", differences: found.differences.length });
  return {
    ...found,
    label,
    name: reading.name,
    durationSeconds: (performance.now() - began) / 1000,
    recorded: () => (reading.problem === undefined ? reading.facts().resources : []),
  };
}

type Contents = Omit<LookedAt, "label" | "name" | "durationSeconds" | "recorded">;

const NOTHING = {
  resources: 0,
  problems: [],
  differences: [],
  filtered: [],
  changed: [],
} as const;

async function contentsOf(
  reading: StackReading,
  label: string,
  options: LookOptions,
): Promise<Contents> {
  if (reading.problem !== undefined) {
    const { tier } = unreadable(reading.name, reading.problem);
    const problems = [{ part: "state", message: reading.problem }];
    return { ...NOTHING, tier, status: "unreadable", problems };
  }
  const { tier, name } = reading;
  const busy: Contents = {
    ...NOTHING,
    tier,
    status: "unreadable",
    problems: [
      {
        part: "state",
        message: `A command is changing ${label} now, so that nothing can be told of it. Run again when it has ended.`,
      },
    ],
  };
  if (reading.updating) return busy;
  if (reading.empty) return { ...NOTHING, tier, status: "empty" };

  const recorded = reading.facts();
  options.onProgress({ stack: label, stage: "started", resources: recorded.resources.length });
  return options.withConfig(name.stack, async (configFile) => {
    const { project } = options;
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.stackTimeoutMs)]);
    const preview = { project, stack: name.stack, configFile, signal };
    const secrets = once(() => readSecrets(project, name.stack, signal));
    const known = { label, tier, recorded, secrets };
    try {
      const refreshed = await refresh(preview, recorded, label, options);
      const probed = await within(signal, probe(preview, refreshed, known, options));
      // What it has changed meanwhile would look like drift.
      if (await reading.hasChanged?.()) return busy;
      return {
        tier,
        status: "scanned",
        resources: refreshed.resources,
        problems: [...interruptions(reading.interrupted, name), ...probed.problems],
        notes: probed.notes,
        differences: probed.differences,
        filtered: refreshed.filtered,
        changed: refreshed.changed,
      };
    } catch (error) {
      options.signal.throwIfAborted();
      if (await reading.hasChanged?.()) return busy;
      if (signal.aborted)
        return { ...NOTHING, tier, status: "unreadable", problems: [late(options)] };
      // Pulumi gives a provider nothing in the place of what it cannot decrypt.
      const sealed = await secrets().then(
        () => undefined,
        (cause) => (cause instanceof SealedError ? cause.message : undefined),
      );
      options.signal.throwIfAborted();
      const message = advised(sealed ?? messageOf(error), name.stack, options.redactor);
      const problems = [{ part: "refresh", message }];
      const differences = await refusedLogins(preview, known, options);
      return { ...NOTHING, tier, status: "unreadable", problems, differences };
    }
  });
}

async function refresh(
  preview: PreviewTarget,
  recorded: StackFacts,
  label: string,
  { onProgress, redactor }: LookOptions,
) {
  let done = 0;
  const { steps, resources } = await previewRefresh(preview, () => {
    done += 1;
    onProgress({ stack: label, stage: "reading", done });
  });
  const changed = changedResources(recorded, steps);
  return { ...refreshDifferences(changed, redactor), changed, resources };
}

/**
 * Logins that are refused, since one of them may be why a resource could not be read. What else cannot
 * be told, the failed refresh has said.
 */
async function refusedLogins(
  preview: PreviewTarget,
  known: Known,
  options: LookOptions,
): Promise<readonly Difference[]> {
  const probes = options.probes.filter(({ name }) => name === "logins");
  try {
    const nothing = { changed: [], differences: [] };
    const found = probe(preview, nothing, known, { ...options, probes });
    return (await within(preview.signal, found)).differences;
  } catch {
    options.signal.throwIfAborted();
    return [];
  }
}

/** Why a stack whose update was interrupted is not wholly known. */
function interruptions(interrupted: readonly string[], { stack }: StackName): Problem[] {
  if (interrupted.length === 0) return [];
  const what = interrupted.map((urn) => urn.split("::").slice(3).join("::")).join(", ");
  const message = `A command was interrupted while it changed ${what}, so that nobody knows what became of it at the vendor. Complete it with \`npx bulkhead up ${stack}\`, then run again.`;
  return [{ part: "state", message }];
}

/** Why a stack is given up: nobody knows which answer it would have waited for. */
const late = ({ stackTimeoutMs }: LookOptions): Problem => ({
  part: "time",
  message: `It was not looked at within ${stackTimeoutMs / 1000} s: a vendor is slow or does not answer. Check the vendor's status, or allow more by --timeout, then run again.`,
});

/** What `work` gives, unless the signal comes first. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });
}
