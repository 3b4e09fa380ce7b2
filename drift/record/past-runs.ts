/** Past runs with what each has changed. */
import { GRADES, type Grade } from "../finding.ts";
import { type Known, knownAfter, NOTHING_KNOWN, turnOf } from "./known.ts";
import type { RunRecord, StackRecord } from "./run-record.ts";

/** What a run has found in a stack, and what was new of it. */
export interface PastStack {
  readonly stack: string;
  /** Whether everything of it was looked at. */
  readonly whole: boolean;
  /** Findings that nobody had acknowledged. */
  readonly open: Readonly<Record<Grade, number>>;
  readonly acknowledged: number;
  readonly appeared: number;
  readonly gone: number;
  readonly resources: number;
  readonly durationSeconds: number;
}

export interface PastRun {
  readonly at: string;
  readonly verdict: RunRecord["verdict"];
  readonly durationSeconds: number;
  readonly stacks: readonly PastStack[];
}

/** The runs that looked at a stack that is asked for, oldest first. @param records oldest first. */
export function pastRuns(
  records: readonly RunRecord[],
  isChosen: (stack: string) => boolean,
): PastRun[] {
  let known = NOTHING_KNOWN;
  const runs: PastRun[] = [];
  for (const record of records) {
    const stacks = record.stacks
      .filter(({ stack }) => isChosen(stack))
      .map((stack) => pastStack(stack, known));
    const { at, verdict, durationSeconds } = record;
    if (stacks.length > 0) runs.push({ at, verdict, durationSeconds, stacks });
    known = knownAfter(known, record);
  }
  return runs;
}

function pastStack(record: StackRecord, known: Known): PastStack {
  const { stack, whole, resources, durationSeconds, findings } = record;
  const open = findings.filter(({ acknowledged }) => !acknowledged);
  const { appeared, gone } = turnOf(record, known);
  return {
    stack,
    whole,
    open: Object.fromEntries(
      GRADES.map((grade) => [grade, open.filter((each) => each.grade === grade).length]),
    ) as Record<Grade, number>,
    acknowledged: findings.length - open.length,
    appeared: appeared.length,
    gone: gone.length,
    resources,
    durationSeconds,
  };
}
