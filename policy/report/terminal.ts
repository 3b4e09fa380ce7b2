import { plural } from "../wording.ts";
import {
  type CheckReport,
  describeFinding,
  isMandatory,
  type ReportedFinding,
  type StackReport,
} from "./report.ts";

export type Tone = "good" | "bad" | "warning" | "quiet";

/** Colours a text; on a stream without colours it stays as it is. */
export type Paint = (tone: Tone, text: string) => string;

/** For a person: a line for each finding, and a closing line with the counts. */
export function terminalReport(report: CheckReport, paint: Paint): string {
  return [
    ...report.stacks.flatMap((stack) => stackLines(stack, paint)),
    closingLine(report, paint),
  ].join("\n");
}

function stackLines(stack: StackReport, paint: Paint): string[] {
  const { findings, waived, undecided } = stack;
  return [
    `${paint(headTone(stack), stack.stack)} (${stack.tier}): ${outcome(stack)}`,
    ...findings.map((each) => `  ${label(each, paint)} ${sentence(each)}`),
    ...undecided.map(
      (each) => `  ${paint("warning", "UNDECIDED")} ${each.rule}: ${describeFinding(each)}`,
    ),
    ...waived.map(
      ({ waiver, ...each }) =>
        `  ${paint("quiet", "WAIVED")} ${each.rule}: ${describeFinding(each)} Until ${waiver.expires}, owner ${waiver.owner}: ${waiver.reason}`,
    ),
  ];
}

function headTone({ status, findings }: StackReport): Tone {
  if (status === "unreadable" || findings.some(isMandatory)) return "bad";
  return findings.length > 0 ? "warning" : "good";
}

function outcome({ status, problem, findings }: StackReport): string {
  if (status === "unreadable") return `could not be read. ${problem}`;
  if (status === "empty") return "nothing is deployed";
  return findings.length === 0 ? "shares nothing" : plural(findings.length, "finding");
}

function label(finding: ReportedFinding, paint: Paint): string {
  return isMandatory(finding) ? paint("bad", "FAIL") : paint("warning", "WARN");
}

const sentence = (finding: ReportedFinding): string =>
  `${finding.rule} (${finding.severity}): ${describeFinding(finding)} ${finding.remedy}`;

function closingLine({ summary, passed }: CheckReport, paint: Paint): string {
  const counts = [
    plural(summary.stacks, "stack"),
    plural(summary.findings, "finding"),
    `${summary.waived} waived`,
    ...(summary.undecided > 0 ? [`${summary.undecided} undecided`] : []),
    ...(summary.unreadable > 0 ? [`${summary.unreadable} could not be read`] : []),
  ];
  return paint(passed ? "good" : "bad", counts.join(", "));
}
