/** Adds to a report what its project remembers: since when things are so, and what has changed. */
import type { DriftReport } from "../report/report.ts";
import type { AcknowledgedEntry } from "../settings.ts";
import { staleAcknowledgements, withExpiry } from "./acknowledgements.ts";
import { dated, knownFrom, turnOf } from "./known.ts";
import { type RunRecord, recordOf } from "./run-record.ts";

/** What a project remembers. */
export interface Memory {
  readonly acknowledged: readonly AcknowledgedEntry[];
  /** Past runs of this cloud, oldest first. */
  readonly past: readonly RunRecord[];
  readonly cloud: string;
  /** Probes that the run has left out. */
  readonly skipped: readonly string[];
  /** ISO date, UTC. */
  readonly today: string;
}

/** The report with its memory, and the run as it is to be remembered. */
export function annotate(
  report: DriftReport,
  { acknowledged, past, cloud, skipped, today }: Memory,
): { readonly report: DriftReport; readonly record: RunRecord } {
  const known = knownFrom(past);
  const record = dated(recordOf(report, cloud, skipped), known);
  const since = new Map(
    record.stacks.flatMap(({ findings }) => findings.map((each) => [each.id, each.since])),
  );
  const turns = record.stacks.map((stack) => turnOf(stack, known));
  return {
    record,
    report: {
      ...report,
      stacks: report.stacks.map((stack) => ({
        ...stack,
        findings: stack.findings.map((finding) => ({
          ...withExpiry(finding, acknowledged, today),
          firstSeen: since.get(finding.id) ?? report.startedAt,
        })),
      })),
      memory: {
        previousRun: past.at(-1)?.at ?? null,
        appeared: turns.reduce((sum, { appeared }) => sum + appeared.length, 0),
        gone: turns.reduce((sum, { gone }) => sum + gone.length, 0),
        staleAcknowledgements: staleAcknowledgements(acknowledged, report.stacks, skipped, today),
      },
    },
  };
}
