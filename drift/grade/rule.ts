import type { Severity } from "../../policy/rule.ts";
import type { Difference, Grade } from "../finding.ts";

/** A rule that a difference breaks, with the pack's own severity. */
export interface BrokenSeverity {
  readonly rule: string;
  readonly severity: Severity;
}

/** What the table looks at. */
export interface GradeInput {
  readonly difference: Difference;
  readonly broken: readonly BrokenSeverity[];
}

/** One line of the table. */
export interface GradeRule {
  readonly name: string;
  readonly fits: (input: GradeInput) => boolean;
  /** In production, and elsewhere. */
  readonly grades: readonly [Grade, Grade];
  /** One sentence. */
  readonly because: string;
}
