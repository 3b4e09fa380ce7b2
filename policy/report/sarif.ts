/** SARIF 2.1.0, for code scanning. Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
import { createHash } from "node:crypto";
import {
  type CheckReport,
  describeFinding,
  isMandatory,
  type ReportedFinding,
  type ReportedRule,
  type StackReport,
  type WaivedFinding,
} from "./report.ts";
import { pascalCase, SECURITY_SEVERITY, sarifDocument, sarifLocation } from "./sarif-document.ts";

/** Hexadecimal digits of a fingerprint. */
const FINGERPRINT_LENGTH = 32;

export function sarifReport(report: CheckReport, toolVersion: string): object {
  const ruleIndex = new Map(report.rules.map(({ name }, index) => [name, index]));
  const unreadable = report.stacks.filter(({ status }) => status === "unreadable");
  return sarifDocument({
    toolVersion,
    rules: report.rules.map(descriptor),
    results: report.stacks.flatMap((stack) => stackResults(stack, report.project, ruleIndex)),
    problems: unreadable.map(({ stack, problem }) => `${stack}: ${problem}`),
  });
}

function descriptor({ name, title, severity, level, why, remedy, docs }: ReportedRule): object {
  return {
    id: name,
    name: pascalCase(name),
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: `${why} ${remedy}`, markdown: `${why}\n\n**Remedy:** ${remedy}` },
    helpUri: docs,
    defaultConfiguration: { level: level === "mandatory" ? "error" : "warning" },
    properties: {
      severity,
      "security-severity": SECURITY_SEVERITY[severity],
      tags: ["security", "isolation"],
    },
  };
}

type RuleIndex = ReadonlyMap<string, number>;

function stackResults(stack: StackReport, project: string, ruleIndex: RuleIndex): object[] {
  const result = (finding: ReportedFinding, judgement: object): object => ({
    ruleId: finding.rule,
    ruleIndex: ruleIndex.get(finding.rule) ?? -1,
    message: { text: `${describeFinding(finding)} ${finding.remedy}` },
    locations: [sarifLocation(stack.stack, project, finding.urn)],
    partialFingerprints: { "bulkheadFinding/v1": fingerprint(stack.stack, finding) },
    properties: {
      stack: stack.stack,
      path: finding.path,
      identity: finding.identity,
      other: finding.other,
    },
    ...judgement,
  });
  const failed = (finding: ReportedFinding) => ({
    kind: "fail",
    level: isMandatory(finding) ? "error" : "warning",
  });
  return [
    ...stack.findings.map((each) => result(each, failed(each))),
    ...stack.undecided.map((each) => result(each, { kind: "open", level: "none" })),
    ...stack.waived.map((each) =>
      result(each, { ...failed(each), suppressions: [suppression(each)] }),
    ),
  ];
}

const suppression = ({ waiver }: WaivedFinding): object => ({
  kind: "external",
  status: "accepted",
  justification: `${waiver.reason} (owner ${waiver.owner}, until ${waiver.expires})`,
});

/** The same for the same finding in every run, whatever words describe it. */
function fingerprint(stack: string, finding: ReportedFinding): string {
  const { rule, urn, path, identity, other, message } = finding;
  const isNamed = path !== null || identity !== null || other !== null;
  return createHash("sha256")
    .update(JSON.stringify([rule, stack, urn, path, identity, other, isNamed ? null : message]))
    .digest("hex")
    .slice(0, FINGERPRINT_LENGTH);
}
