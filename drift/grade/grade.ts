/** How bad a difference is, by a table of rules, the first of which that fits decides. */
import type { Tier } from "../../components/tier.ts";
import type { Difference, Grade } from "../finding.ts";
import type { BrokenSeverity, GradeRule } from "./rule.ts";
import { GRADE_RULES } from "./rules.ts";

export interface Graded {
  readonly grade: Grade;
  /** One sentence. */
  readonly because: string;
}

/** The grade of a difference in an environment of a tier, with its reason. */
export function gradeOf(
  difference: Difference,
  tier: Tier,
  broken: readonly BrokenSeverity[],
  rules: readonly GradeRule[] = GRADE_RULES,
): Graded {
  const input = { difference, broken };
  const rule = rules.find(({ fits }) => fits(input));
  if (rule === undefined) throw new Error(`No grade for ${difference.kind}.`);
  const [inProduction, elsewhere] = rule.grades;
  return { grade: tier === "production" ? inProduction : elsewhere, because: rule.because };
}
