import {
  type CheckReport,
  createReport,
  type ReportedFinding,
} from "../../../policy/report/report.ts";

const finding = (fields: Partial<ReportedFinding> = {}): ReportedFinding => ({
  rule: "no-shared-resource",
  severity: "critical",
  level: "mandatory",
  message: "The bucket `files` is also shop/production's.",
  remedy: "Give the stack a bucket of its own.",
  urn: "urn:pulumi:dev::shop::cloudflare:index/r2Bucket:R2Bucket::files",
  path: "name",
  identity: "r2:0b1f/files",
  other: { stack: "shop/production", urn: null },
  ...fields,
});

const rule = (name: string, fields: object = {}) => ({
  name,
  title: `Checks whether ${name} holds.`,
  severity: "critical" as const,
  level: "mandatory" as const,
  why: "A shared thing ties two environments together.",
  remedy: "Give the stack one of its own.",
  docs: `docs/policies.md#${name}`,
  ...fields,
});

const stack = (name: string, fields: object = {}) => ({
  stack: name,
  tier: "development" as const,
  status: "checked" as const,
  problem: null,
  findings: [],
  waived: [],
  undecided: [],
  ...fields,
});

/** One of everything that a report can hold. */
export const sampleReport = (): CheckReport =>
  createReport({
    date: "2026-11-21",
    project: "shop",
    rules: [
      rule("no-shared-resource"),
      rule("no-shared-secret"),
      rule("strong-secrets", { severity: "medium", level: "advisory" }),
    ],
    stacks: [
      stack("shop/dev", {
        findings: [
          finding(),
          finding({
            rule: "strong-secrets",
            severity: "medium",
            level: "advisory",
            message: "The secret is short.",
            remedy: "Make it longer.",
            path: 'bindings[0]["a<b"]',
            identity: null,
            other: null,
          }),
        ],
        waived: [
          {
            ...finding({ path: "accountId", identity: "account:cloudflare/0b1f" }),
            waiver: { owner: "jane", reason: "Until the second account.", expires: "2027-03-31" },
          },
        ],
      }),
      stack("shop/production", {
        tier: "production",
        undecided: [finding({ rule: "no-shared-secret", urn: null, path: null, other: null })],
      }),
      stack("other/staging", { status: "unreadable", problem: "It was lost. Deploy it again." }),
      stack("shop/pr-1", { status: "empty" }),
    ],
  });

/** A report without anything to complain about. */
export const cleanReport = (): CheckReport =>
  createReport({
    date: "2026-11-21",
    project: "shop",
    rules: [rule("no-shared-resource")],
    stacks: [stack("shop/dev")],
  });

export { finding as sampleFinding, stack as sampleStack };
