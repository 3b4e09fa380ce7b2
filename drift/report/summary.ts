import { plural } from "../../policy/wording.ts";
import { GRADES } from "../finding.ts";
import type { DriftReport, ReportMemory, Verdict } from "./report.ts";

/** What a verdict means, one sentence. */
export const VERDICT_TEXTS: Readonly<Record<Verdict, string>> = {
  none: "No drift.",
  drift: "There is drift.",
  incomplete: "Not everything could be looked at.",
  isolation: "The isolation of an environment is broken.",
};

/** `3 stacks, 311 resources; 2 high; 1 low; 2 new, 1 gone since the last run; 4.2 s`. */
export function summaryText({ summary, durationSeconds, memory }: DriftReport): string {
  const { stacks, resources, incomplete, findings, acknowledged, filtered } = summary;
  return [
    `${plural(stacks, "stack")}, ${plural(resources, "resource")}`,
    ...GRADES.filter((grade) => findings[grade] > 0).map((grade) => `${findings[grade]} ${grade}`),
    ...(incomplete > 0 ? [`${plural(incomplete, "stack")} not looked at completely`] : []),
    ...(acknowledged > 0 ? [`${acknowledged} acknowledged`] : []),
    ...(filtered > 0 ? [`${plural(filtered, "harmless difference")} left out`] : []),
    ...(memory === undefined || memory.previousRun === null ? [] : [trendText(memory)]),
    `${durationSeconds.toFixed(1)} s`,
  ].join("; ");
}

const trendText = ({ appeared, gone }: ReportMemory): string =>
  appeared + gone === 0
    ? "nothing new since the last run"
    : `${appeared} new, ${gone} gone since the last run`;
