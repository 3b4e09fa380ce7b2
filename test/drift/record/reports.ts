/** Reports of runs, made by hand: the record and the notifications see nothing but the document. */
import type { Finding } from "../../../drift/finding.ts";
import { createReport, type DriftReport, type StackReport } from "../../../drift/report/report.ts";

/** A finding by a digit that fills its id. */
export const finding = (digit: string, more: Partial<Finding> = {}): Finding => ({
  id: digit.repeat(12),
  stack: "bulkhead/staging",
  tier: "staging",
  kind: "changed",
  grade: "high",
  subject: {
    urn: `urn:${digit}`,
    type: "cloudflare:index/d1Database:D1Database",
    name: digit,
    id: digit,
  },
  message: `${digit} has another name than recorded.`,
  because: "It is weaker.",
  changes: [{ path: "name", before: '"a"', after: '"b"' }],
  trace: null,
  rules: [],
  remedies: [
    { action: "restore", effect: "Puts it back.", command: "npx bulkhead up staging", code: null },
  ],
  acknowledged: null,
  ...more,
});

export const stackReport = (
  findings: readonly Finding[],
  more: Partial<StackReport> = {},
): StackReport => ({
  stack: "bulkhead/staging",
  tier: "staging",
  status: "scanned",
  resources: 12,
  durationSeconds: 3,
  problems: [],
  findings,
  filtered: [],
  ...more,
});

/** A run at an hour of a day. */
export const reportAt = (hour: number, ...stacks: readonly StackReport[]): DriftReport =>
  createReport({
    startedAt: new Date(Date.UTC(2026, 0, 1, hour)).toISOString(),
    durationSeconds: 4,
    project: "bulkhead",
    failOn: "low",
    stacks,
  });
