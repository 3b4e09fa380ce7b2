/** What a check of a backend's stacks found, for people and for programs. */
import type { Tier } from "../../components/tier.ts";
import type { Level, Severity } from "../rule.ts";
import { placeOf } from "../wording.ts";

/** Of the JSON document; raised when a field changes its meaning or goes. */
export const REPORT_VERSION = 1;

/** The document that `bulkhead check --json` prints; the other formats are made from it. */
export interface CheckReport {
  readonly version: typeof REPORT_VERSION;
  /** When the waivers' expiry was judged: ISO date, UTC. */
  readonly date: string;
  /** The project whose stacks were checked. */
  readonly project: string;
  /** True when every stack could be read and no mandatory rule is broken. */
  readonly passed: boolean;
  readonly summary: ReportSummary;
  readonly stacks: readonly StackReport[];
  /** Every rule that was applied. */
  readonly rules: readonly ReportedRule[];
}

/** Counts over all stacks. */
export interface ReportSummary {
  readonly stacks: number;
  readonly unreadable: number;
  readonly findings: number;
  readonly waived: number;
  readonly undecided: number;
}

export interface StackReport {
  /** `project/stack`. */
  readonly stack: string;
  readonly tier: Tier;
  /** `empty`: nothing is deployed, so there was nothing to check. */
  readonly status: "checked" | "empty" | "unreadable";
  /** Why it could not be read and what to do; null unless unreadable. */
  readonly problem: string | null;
  readonly findings: readonly ReportedFinding[];
  readonly waived: readonly WaivedFinding[];
  /** What a value that is not known leaves open. */
  readonly undecided: readonly ReportedFinding[];
}

/** Where a field is null, the finding is about no such thing. */
export interface ReportedFinding {
  readonly rule: string;
  readonly severity: Severity;
  /** Mandatory ones fail the check. */
  readonly level: Level;
  readonly message: string;
  readonly remedy: string;
  readonly urn: string | null;
  /** Property path. */
  readonly path: string | null;
  /** What is shared, as a waiver names it. */
  readonly identity: string | null;
  /** The other side. */
  readonly other: { readonly stack: string; readonly urn: string | null } | null;
}

/** A finding that `policy/settings.yaml` accepts. */
export interface WaivedFinding extends ReportedFinding {
  readonly waiver: {
    readonly owner: string;
    readonly reason: string;
    /** ISO date. */
    readonly expires: string;
  };
}

export interface ReportedRule {
  readonly name: string;
  readonly title: string;
  readonly severity: Severity;
  readonly level: Level;
  readonly why: string;
  readonly remedy: string;
  /** Relative to the project's folder. */
  readonly docs: string;
}

/** The document, summed up. */
export function createReport(
  content: Pick<CheckReport, "date" | "project" | "stacks" | "rules">,
): CheckReport {
  const { stacks } = content;
  const count = (of: (stack: StackReport) => number) =>
    stacks.reduce((sum, stack) => sum + of(stack), 0);
  const unreadable = count(({ status }) => (status === "unreadable" ? 1 : 0));
  const broken = stacks.some(({ findings }) => findings.some(isMandatory));
  return {
    version: REPORT_VERSION,
    date: content.date,
    project: content.project,
    passed: unreadable === 0 && !broken,
    summary: {
      stacks: stacks.length,
      unreadable,
      findings: count(({ findings }) => findings.length),
      waived: count(({ waived }) => waived.length),
      undecided: count(({ undecided }) => undecided.length),
    },
    stacks,
    rules: content.rules,
  };
}

export const isMandatory = ({ level }: Pick<ReportedFinding, "level">): boolean =>
  level === "mandatory";

/** What is wrong and where, for a person. */
export function describeFinding({ urn, path, message }: ReportedFinding): string {
  const place = placeOf(urn ?? undefined, path ?? undefined);
  return place === undefined ? message : `${place}: ${message}`;
}
