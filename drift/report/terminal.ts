/** A drift report for a person at a terminal. */

import type { Paint, Tone } from "../../policy/report/terminal.ts";
import { plural } from "../../policy/wording.ts";
import type { Finding, Grade } from "../finding.ts";
import { acknowledgedLine, changeLines, sinceLine, staleLine, traceLine } from "./lines.ts";
import type { DriftReport, StackReport, Verdict } from "./report.ts";
import { summaryText, VERDICT_TEXTS } from "./summary.ts";

const GRADE_TONES: Readonly<Record<Grade, Tone>> = {
  critical: "bad",
  high: "bad",
  medium: "warning",
  low: "quiet",
};

const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = {
  none: "good",
  drift: "warning",
  incomplete: "bad",
  isolation: "bad",
};

export interface TerminalOptions {
  /** Also what was left out as harmless, with the rule that says so. */
  readonly showFiltered: boolean;
}

/** The report as lines; the last one is the verdict with its counts. */
export function terminalReport(
  report: DriftReport,
  paint: Paint,
  options: TerminalOptions = { showFiltered: false },
): string {
  const verdict = paint(VERDICT_TONES[report.verdict], VERDICT_TEXTS[report.verdict]);
  return [
    ...report.stacks.flatMap((stack) => stackLines(stack, report, paint, options)),
    ...(report.memory?.staleAcknowledgements ?? []).map(
      (each) => `${paint("warning", "ACKNOWLEDGED")} ${staleLine(each)}`,
    ),
    `${verdict} ${summaryText(report)}.`,
  ].join("\n");
}

function stackLines(
  stack: StackReport,
  report: DriftReport,
  paint: Paint,
  { showFiltered }: TerminalOptions,
): string[] {
  const { findings, problems, notes = [], filtered } = stack;
  return [
    `${stack.stack} (${stack.tier}): ${stateOf(stack, paint)}`,
    ...problems.map(({ message }) => `  ${paint("bad", "PROBLEM")} ${message}`),
    ...notes.map((note) => `  ${paint("quiet", "note")} ${note}`),
    ...findings.flatMap((finding) => findingLines(finding, report, paint)),
    ...(showFiltered ? filtered : []).map(
      ({ urn, path, rule }) =>
        `  ${paint("quiet", "harmless")} ${urn.split("::").at(-1)} ${path} (${rule})`,
    ),
  ];
}

function stateOf({ status, findings, problems }: StackReport, paint: Paint): string {
  if (status === "unreadable") return paint("bad", "could not be looked at");
  if (status === "empty") return paint("quiet", "nothing is deployed");
  if (findings.length > 0) return plural(findings.length, "finding");
  return problems.length > 0 ? "could not be looked at completely" : paint("good", "no drift");
}

function findingLines(finding: Finding, report: DriftReport, paint: Paint): string[] {
  const { id, grade, kind, message, because, remedies, acknowledged } = finding;
  const notes = [traceLine(finding), sinceLine(finding, report), acknowledgedLine(finding)].filter(
    (line) => line !== "",
  );
  const shown = acknowledged === null ? paint(GRADE_TONES[grade], grade) : paint("quiet", grade);
  return [
    `  ${shown} ${kind} ${id}: ${message} ${because}`,
    ...[...changeLines(finding), ...notes].map((line) => `    ${line}`),
    ...remedies
      .slice(0, 1)
      .map(({ effect, command }) => `    ${effect} ${paint("quiet", command)}`),
  ];
}
