/** JUnit XML, for CI servers: a suite for each stack, in it a case for each rule. */
import { type JunitCase, junitDocument } from "./junit-document.ts";
import {
  type CheckReport,
  describeFinding,
  isMandatory,
  type ReportedFinding,
  type ReportedRule,
  type StackReport,
} from "./report.ts";

export const junitReport = ({ stacks, rules }: CheckReport): string =>
  junitDocument(
    "bulkhead check",
    stacks.map((stack) => ({ name: stack.stack, cases: casesOf(stack, rules) })),
  );

function casesOf(stack: StackReport, rules: readonly ReportedRule[]): JunitCase[] {
  if (stack.status === "unreadable") {
    const problem = stack.problem ?? "";
    const outcome = { error: { "@_message": problem, "#text": problem } };
    return [{ name: "readable", outcome }];
  }
  if (stack.status === "empty") {
    const outcome = { skipped: { "@_message": "Nothing is deployed." } };
    return [{ name: "deployed", outcome }];
  }
  return rules.map(({ name }) => ({ name, outcome: outcomeOf(name, stack) }));
}

/** What only warns, and what is accepted, is in the case's output. */
function outcomeOf(rule: string, stack: StackReport): object {
  const ofRule = <Each extends ReportedFinding>(findings: readonly Each[]) =>
    findings.filter((finding) => finding.rule === rule);
  const findings = ofRule(stack.findings);
  const undecided = ofRule(stack.undecided);
  const failures = findings.filter(isMandatory).map((finding) => ({
    "@_type": finding.severity,
    "@_message": describeFinding(finding),
    "#text": withRemedy(finding),
  }));
  const notes = [
    ...findings.filter((each) => !isMandatory(each)).map((each) => `warning: ${withRemedy(each)}`),
    ...undecided.map((each) => `undecided: ${withRemedy(each)}`),
    ...ofRule(stack.waived).map(
      ({ waiver, ...each }) =>
        `waived until ${waiver.expires} by ${waiver.owner} (${waiver.reason}): ${describeFinding(each)}`,
    ),
  ];
  const isOpen = failures.length === 0 && undecided.length > 0;
  return {
    ...(failures.length > 0 ? { failure: failures } : {}),
    ...(isOpen ? { skipped: { "@_message": "A value that it needs is not known." } } : {}),
    ...(notes.length > 0 ? { "system-out": notes.join("\n") } : {}),
  };
}

const withRemedy = (finding: ReportedFinding): string =>
  [`${describeFinding(finding)} ${finding.remedy}`, finding.urn ?? ""].join("\n").trim();
