/** A drift report as JUnit XML: a suite for each stack, in it a case for each kind of finding. */
import { type JunitCase, junitDocument } from "../../policy/report/junit-document.ts";
import { atLeast, type Finding, type Grade, KINDS } from "../finding.ts";
import { changeLines } from "./lines.ts";
import type { DriftReport, StackReport } from "./report.ts";

export const junitReport = ({ stacks, failOn }: DriftReport): string =>
  junitDocument(
    "bulkhead drift",
    stacks.map((stack) => ({ name: stack.stack, cases: casesOf(stack, failOn) })),
  );

function casesOf(stack: StackReport, failOn: Grade): JunitCase[] {
  const problems = stack.problems.map(({ part, message }) => ({
    name: part,
    outcome: { error: { "@_message": message, "#text": message } },
  }));
  if (stack.status === "unreadable") return problems;
  if (stack.status === "empty")
    return [{ name: "deployed", outcome: { skipped: { "@_message": "Nothing is deployed." } } }];
  return [
    ...problems,
    ...KINDS.map((kind) => ({ name: kind, outcome: outcomeOf(findingsOf(stack, kind), failOn) })),
  ];
}

const findingsOf = ({ findings }: StackReport, kind: string): Finding[] =>
  findings.filter((each) => each.kind === kind);

/** What is acknowledged, or not bad enough to fail the run, is in the case's output. */
function outcomeOf(findings: readonly Finding[], failOn: Grade): object {
  const fails = ({ acknowledged, grade }: Finding) =>
    acknowledged === null && atLeast(grade, failOn);
  const failures = findings.filter(fails).map((finding) => ({
    "@_type": finding.grade,
    "@_message": finding.message,
    "#text": textOf(finding),
  }));
  const notes = findings.filter((each) => !fails(each)).map(textOf);
  return {
    ...(failures.length > 0 ? { failure: failures } : {}),
    ...(notes.length > 0 ? { "system-out": notes.join("\n") } : {}),
  };
}

const textOf = (finding: Finding): string =>
  [
    `${finding.grade} ${finding.id}: ${finding.message} ${finding.because}`,
    ...changeLines(finding),
    ...finding.remedies.map(({ effect, command }) => `${effect} ${command}`),
    finding.subject.urn ?? "",
  ]
    .join("\n")
    .trim();
