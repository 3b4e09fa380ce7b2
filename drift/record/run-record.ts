/** What is kept of a run: ids, grades, kinds, counts and durations; no value and no name of a thing. */
import { z } from "zod";
import { GRADES, KINDS } from "../finding.ts";
import type { DriftReport } from "../report/report.ts";
import { isWhole } from "./whole.ts";

const findingSchema = z.object({
  id: z.string(),
  kind: z.enum(KINDS),
  grade: z.enum(GRADES),
  acknowledged: z.boolean(),
  /** When a run saw it first, and every whole one since: ISO 8601, UTC. */
  since: z.string(),
});

const stackSchema = z.object({
  /** `project/stack`. */
  stack: z.string(),
  /** Whether everything of it was looked at. */
  whole: z.boolean(),
  resources: z.number(),
  durationSeconds: z.number(),
  filtered: z.number(),
  /** Parts that could not be looked at. */
  problems: z.array(z.string()),
  findings: z.array(findingSchema),
});

/** A line of the history; fields may be added, and none changes its meaning within a version. */
export const runRecordSchema = z.object({
  version: z.literal(1),
  /** When the run began: ISO 8601, UTC. */
  at: z.string(),
  /** Which cloud it looked at: two clouds have stacks of the same names. */
  cloud: z.string(),
  durationSeconds: z.number(),
  verdict: z.enum(["isolation", "incomplete", "drift", "none"]),
  /** Targets that were told what they were to be told. */
  told: z.array(z.string()),
  stacks: z.array(stackSchema),
});

export type RunRecord = z.output<typeof runRecordSchema>;
export type StackRecord = z.output<typeof stackSchema>;
export type FindingRecord = z.output<typeof findingSchema>;

/** What is kept of a report. @param skipped probes that the run has left out. */
export function recordOf(
  { startedAt, durationSeconds, verdict, stacks }: DriftReport,
  cloud: string,
  skipped: readonly string[],
): RunRecord {
  return {
    version: 1,
    at: startedAt,
    cloud,
    durationSeconds: rounded(durationSeconds),
    verdict,
    told: [],
    stacks: stacks.map((stack) => ({
      stack: stack.stack,
      whole: isWhole(stack, skipped),
      resources: stack.resources,
      durationSeconds: rounded(stack.durationSeconds),
      filtered: stack.filtered.length,
      problems: stack.problems.map(({ part }) => part),
      findings: stack.findings.map(({ id, kind, grade, acknowledged }) => ({
        id,
        kind,
        grade,
        acknowledged: acknowledged !== null,
        since: startedAt,
      })),
    })),
  };
}

const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;
