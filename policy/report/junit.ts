/** JUnit XML, for CI servers: a suite for each stack, in it a case for each rule. */
import { XMLBuilder } from "fast-xml-parser";
import {
  type CheckReport,
  describeFinding,
  isMandatory,
  type ReportedFinding,
  type ReportedRule,
  type StackReport,
} from "./report.ts";

const builder = new XMLBuilder({
  ignoreAttributes: false,
  format: true,
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
});

export function junitReport({ stacks, rules }: CheckReport): string {
  const suites = stacks.map((stack) => suite(stack, rules));
  const total = (name: "@_tests" | "@_failures" | "@_errors" | "@_skipped") =>
    suites.reduce((sum, each) => sum + each[name], 0);
  return builder.build(
    printable({
      "?xml": { "@_version": "1.0", "@_encoding": "UTF-8" },
      testsuites: {
        "@_name": "bulkhead check",
        "@_tests": total("@_tests"),
        "@_failures": total("@_failures"),
        "@_errors": total("@_errors"),
        "@_skipped": total("@_skipped"),
        testsuite: suites,
      },
    }),
  );
}

function suite(stack: StackReport, rules: readonly ReportedRule[]) {
  const cases = casesOf(stack, rules);
  const having = (part: string) => cases.filter((each) => part in each).length;
  return {
    "@_name": stack.stack,
    "@_tests": cases.length,
    "@_failures": having("failure"),
    "@_errors": having("error"),
    "@_skipped": having("skipped"),
    testcase: cases,
  };
}

function casesOf(stack: StackReport, rules: readonly ReportedRule[]): object[] {
  const testCase = (name: string, outcome: object) => ({
    "@_classname": stack.stack,
    "@_name": name,
    ...outcome,
  });
  if (stack.status === "unreadable") {
    const problem = stack.problem ?? "";
    return [testCase("readable", { error: { "@_message": problem, "#text": problem } })];
  }
  if (stack.status === "empty") {
    return [testCase("deployed", { skipped: { "@_message": "Nothing is deployed." } })];
  }
  return rules.map(({ name }) => testCase(name, outcomeOf(name, stack)));
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

/** Without the characters that XML 1.0 has no way to write. */
function printable(value: unknown): unknown {
  if (typeof value === "string") return value.replace(UNPRINTABLE, "\ufffd");
  if (Array.isArray(value)) return value.map(printable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, printable(each)]));
}

const UNPRINTABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
