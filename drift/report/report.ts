/** What a drift run found, for people and for programs. Every format is made from this document. */
import type { Tier } from "../../components/tier.ts";
import { atLeast, type Finding, GRADES, type Grade, type PropertyChange } from "../finding.ts";

/** Of the JSON document; raised when a field changes its meaning or goes. */
export const REPORT_VERSION = 1;

/**
 * What the run says as a whole, worst first; see {@link EXIT_CODES}. `isolation`: an environment's
 * isolation is broken. `incomplete`: something could not be looked at, so nobody can tell. `drift`,
 * `none`: as they say, by findings that nobody has acknowledged.
 */
export type Verdict = "isolation" | "incomplete" | "drift" | "none";

/** Exit codes of `bulkhead drift`. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = {
  none: 0,
  incomplete: 1,
  drift: 2,
  isolation: 3,
};

export interface DriftReport {
  readonly version: typeof REPORT_VERSION;
  /** When the run began: ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly project: string;
  readonly verdict: Verdict;
  /** Findings below this grade do not make a run fail. */
  readonly failOn: Grade;
  readonly summary: DriftSummary;
  /** In the order of promotion. */
  readonly stacks: readonly StackReport[];
  /** What the project remembers; left out where it keeps no history. */
  readonly memory?: ReportMemory;
}

/** What has changed since earlier runs, in findings that nobody has acknowledged. */
export interface ReportMemory {
  /** When the run before this one began; null: there is none. */
  readonly previousRun: string | null;
  readonly appeared: number;
  readonly gone: number;
  /** Acknowledgements to take out or to renew. */
  readonly staleAcknowledgements: readonly StaleAcknowledgement[];
}

/** An acknowledgement that counts for nothing. */
export interface StaleAcknowledgement {
  readonly finding: string;
  readonly stack: string;
  readonly owner: string;
  readonly expires: string;
  /** `expired`: its finding is open again. `unused`: its finding is no longer there. */
  readonly because: "expired" | "unused";
}

/** Counts over all stacks. Acknowledged findings are in no grade's count. */
export interface DriftSummary {
  readonly stacks: number;
  /** Stacks of which something could not be looked at. */
  readonly incomplete: number;
  readonly resources: number;
  readonly findings: Readonly<Record<Grade, number>>;
  readonly acknowledged: number;
  /** Differences that are known to be harmless. */
  readonly filtered: number;
}

export interface StackReport {
  /** `project/stack`. */
  readonly stack: string;
  readonly tier: Tier;
  /** `empty`: nothing is deployed. `unreadable`: not even its resources could be compared. */
  readonly status: "scanned" | "empty" | "unreadable";
  /** How many resources were compared. */
  readonly resources: number;
  readonly durationSeconds: number;
  /** What could not be looked at. A run with any of these is never clean. */
  readonly problems: readonly Problem[];
  /** What is worth to know, and takes nothing from what was found: a log that could not be read. */
  readonly notes?: readonly string[];
  /** Worst first. */
  readonly findings: readonly Finding[];
  /** Differences that a noise rule takes for harmless, each with the rule. */
  readonly filtered: readonly FilteredChange[];
}

export interface Problem {
  /** What could not be done: `refresh`, `state`, or a probe's name. */
  readonly part: string;
  /** Two sentences: what is wrong and what to do. */
  readonly message: string;
}

/** A difference that is no drift. */
export interface FilteredChange extends PropertyChange {
  readonly urn: string;
  /** Name of the noise rule. */
  readonly rule: string;
}

/** The document, summed up. */
export function createReport(
  content: Pick<DriftReport, "startedAt" | "durationSeconds" | "project" | "failOn" | "stacks">,
): DriftReport {
  const { stacks, failOn } = content;
  const open = openFindings(stacks);
  return {
    version: REPORT_VERSION,
    startedAt: content.startedAt,
    durationSeconds: content.durationSeconds,
    project: content.project,
    verdict: verdictOf(stacks, failOn),
    failOn,
    summary: {
      stacks: stacks.length,
      incomplete: stacks.filter(({ problems }) => problems.length > 0).length,
      resources: sum(stacks.map(({ resources }) => resources)),
      findings: Object.fromEntries(
        GRADES.map((grade) => [grade, open.filter((each) => each.grade === grade).length]),
      ) as Record<Grade, number>,
      acknowledged: sum(stacks.map(({ findings }) => findings.length)) - open.length,
      filtered: sum(stacks.map(({ filtered }) => filtered.length)),
    },
    stacks,
  };
}

/** Findings that nobody has acknowledged. */
export const openFindings = (stacks: readonly Pick<StackReport, "findings">[]): Finding[] =>
  stacks.flatMap(({ findings }) => findings.filter(({ acknowledged }) => acknowledged === null));

/** A broken isolation is told even when other things could not be looked at; nothing else is. */
function verdictOf(stacks: readonly StackReport[], failOn: Grade): Verdict {
  const open = openFindings(stacks);
  if (open.some(({ grade }) => grade === "critical")) return "isolation";
  if (stacks.some(({ problems }) => problems.length > 0)) return "incomplete";
  return open.some(({ grade }) => atLeast(grade, failOn)) ? "drift" : "none";
}

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, each) => total + each, 0);
