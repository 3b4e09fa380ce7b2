/** News as texts. Findings and problems were redacted before they came into the report. */

import { plural } from "../../policy/wording.ts";
import type { Finding } from "../finding.ts";
import { createReport, type DriftReport } from "../report/report.ts";
import type { StackNews } from "./news.ts";

/** Findings of a stack that a message lists; the report has all. */
const LISTED = 20;

/** `Drift of bulkhead: 2 new findings in staging, worst critical; production recovered`. */
export const titleOf = (project: string, news: readonly StackNews[]): string =>
  `Drift of ${project}: ${news.map(eventOf).join("; ")}`;

function eventOf({ stack, appeared, occasions, open }: StackNews): string {
  const name = nameOf(stack.stack);
  const [worst] = appeared;
  const parts = [
    ...(occasions.includes("new") && worst !== undefined
      ? [`${plural(appeared.length, "new finding")} in ${name}, worst ${worst.grade}`]
      : []),
    ...(occasions.includes("incomplete") ? [`${name} could not be looked at completely`] : []),
    ...(occasions.includes("recovery") ? [`${name} recovered`] : []),
  ];
  return parts.join(", ") || `${plural(open.length, "finding")} in ${name}`;
}

/** The lines about a stack, without its name. */
export function linesOf({ stack, appeared, gone, occasions }: StackNews): string[] {
  const listed = occasions.includes("new") ? appeared.slice(0, LISTED) : [];
  const more = occasions.includes("new") ? appeared.length - listed.length : 0;
  return [
    ...listed.map(findingLine),
    ...(more > 0 ? [`and ${plural(more, "new finding")} more`] : []),
    ...(occasions.includes("incomplete")
      ? stack.problems.map(({ part, message }) => `not looked at (${part}): ${message}`)
      : []),
    ...(occasions.includes("recovery")
      ? [gone.length > 0 ? `${plural(gone.length, "finding")} gone, no drift left` : "no drift"]
      : []),
  ];
}

/** The news as plain text. */
export const textOf = (project: string, news: readonly StackNews[]): string =>
  [
    titleOf(project, news),
    ...news.flatMap((each) => ["", each.stack.stack, ...linesOf(each).map((line) => `- ${line}`)]),
  ].join("\n");

/** The part of a report that the news is about. */
export function reportOf(report: DriftReport, news: readonly StackNews[]): DriftReport {
  const stacks = news.map(({ stack }) => stack);
  return createReport({ ...report, stacks });
}

function findingLine({ grade, kind, id, message, remedies: [remedy] }: Finding): string {
  const advice = remedy === undefined ? "" : ` ${remedy.command}`;
  return `${grade} ${kind} ${id}: ${message}${advice}`;
}

const nameOf = (label: string): string => label.split("/").at(-1) ?? label;
