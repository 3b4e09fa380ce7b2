/** What a history adds up to: of each stack, what is known of it after its runs. */
import type { FindingRecord, RunRecord, StackRecord } from "./run-record.ts";

/** What is known of a stack. */
export interface KnownStack {
  /** When its last run began: ISO 8601, UTC. */
  readonly at: string;
  /** By id; also those that are acknowledged. */
  readonly findings: ReadonlyMap<string, FindingRecord>;
  /** Parts that could not be looked at in its last run. */
  readonly problems: readonly string[];
}

/** By `project/stack`. */
export type Known = ReadonlyMap<string, KnownStack>;

export const NOTHING_KNOWN: Known = new Map();

/** What is known after a run: of a stack that was not looked at completely nothing has gone. */
export function knownAfter(known: Known, { at, stacks }: Pick<RunRecord, "at" | "stacks">): Known {
  // The name of all stacks, when the backend told none, says nothing once it tells them again.
  const after = new Map([...known].filter(([name]) => !name.endsWith("/*")));
  for (const stack of stacks) {
    const before = stack.whole ? [] : (known.get(stack.stack)?.findings ?? []);
    const findings = new Map([
      ...before,
      ...stack.findings.map((each) => [each.id, each] as const),
    ]);
    after.set(stack.stack, { at, findings, problems: stack.problems });
  }
  return after;
}

/** What is known after all of these runs, in their order. */
export const knownFrom = (records: readonly RunRecord[]): Known =>
  records.reduce(knownAfter, NOTHING_KNOWN);

/** The run, with what it found dated by what was known before. */
export const dated = (record: RunRecord, known: Known): RunRecord => ({
  ...record,
  stacks: record.stacks.map((stack) => ({
    ...stack,
    findings: stack.findings.map((each) => ({
      ...each,
      since: known.get(stack.stack)?.findings.get(each.id)?.since ?? each.since,
    })),
  })),
});

/** What a run has changed in a stack's open findings: those that nobody has acknowledged. */
export interface Turn {
  readonly appeared: readonly FindingRecord[];
  readonly gone: readonly FindingRecord[];
  /** Those that somebody has acknowledged since. */
  readonly acknowledged: readonly FindingRecord[];
}

export function turnOf(stack: StackRecord, known: Known): Turn {
  const before = openOf([...(known.get(stack.stack)?.findings.values() ?? [])]);
  const wasOpen = isIn(before);
  const isThere = isIn(stack.findings);
  const isOpen = isIn(openOf(stack.findings));
  return {
    appeared: openOf(stack.findings).filter((each) => !wasOpen(each)),
    gone: stack.whole ? before.filter((each) => !isThere(each)) : [],
    acknowledged: before.filter((each) => isThere(each) && !isOpen(each)),
  };
}

/** Whether a finding is among these. */
function isIn(findings: readonly FindingRecord[]): (finding: FindingRecord) => boolean {
  const ids = new Set(findings.map(({ id }) => id));
  return ({ id }) => ids.has(id);
}

const openOf = (findings: readonly FindingRecord[]): FindingRecord[] =>
  findings.filter(({ acknowledged }) => !acknowledged);
