import type { Finding } from "../../../drift/finding.ts";
import { createReport, type DriftReport, type StackReport } from "../../../drift/report/report.ts";

export const sampleFinding = (changes: Partial<Finding> = {}): Finding => ({
  id: "0123456789ab",
  stack: "shop/staging",
  tier: "staging",
  kind: "changed",
  subject: {
    urn: "urn:pulumi:staging::shop::cloudflare:index/r2Bucket:R2Bucket::files",
    type: "cloudflare:index/r2Bucket:R2Bucket",
    name: "files",
    id: "files-staging",
  },
  message: "files has another location than recorded.",
  changes: [{ path: "location", before: '"weur"', after: '"enam"' }],
  trace: null,
  rules: [],
  grade: "medium",
  because: "It is not what the program declares.",
  remedies: [
    {
      action: "restore",
      effect: "Makes it again what the program declares.",
      command: "npx bulkhead up staging --refresh",
      code: null,
    },
  ],
  acknowledged: null,
  ...changes,
});

export const sampleStack = (changes: Partial<StackReport> = {}): StackReport => ({
  stack: "shop/staging",
  tier: "staging",
  status: "scanned",
  resources: 12,
  durationSeconds: 1.5,
  problems: [],
  findings: [],
  filtered: [],
  ...changes,
});

export const reportOf = (
  stacks: readonly StackReport[],
  failOn: DriftReport["failOn"] = "low",
): DriftReport =>
  createReport({
    startedAt: "2026-03-01T10:00:00.000Z",
    durationSeconds: 4.25,
    project: "shop",
    failOn,
    stacks,
  });

export const acknowledged = {
  owner: "jane",
  reason: "Until the move.",
  expires: "2026-12-31",
};

/** One of everything. */
export const sampleReport = (): DriftReport =>
  reportOf([
    sampleStack({
      findings: [
        sampleFinding({
          id: "aaaaaaaaaaaa",
          kind: "isolation",
          grade: "critical",
          rules: ["no-foreign-reference"],
          trace: { actor: "eve@example.com", at: "2026-02-28T09:00:00Z", source: "audit log" },
        }),
        sampleFinding(),
        sampleFinding({ id: "bbbbbbbbbbbb", kind: "deleted", changes: [], acknowledged }),
      ],
      filtered: [
        {
          urn: "urn:pulumi:staging::shop::cloudflare:index/d1Database:D1Database::db",
          path: "fileSize",
          before: "1",
          after: "2",
          rule: "d1-size",
        },
      ],
      problems: [{ part: "logins", message: "Could not look at logins: it was silent. Wait." }],
    }),
    sampleStack({ stack: "shop/production", tier: "production" }),
    sampleStack({ stack: "shop/dev", status: "empty", resources: 0 }),
    sampleStack({
      stack: "shop/pr-1",
      status: "unreadable",
      resources: 0,
      problems: [{ part: "refresh", message: "The token is refused. Renew it." }],
    }),
  ]);
