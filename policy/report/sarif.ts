/** SARIF 2.1.0, for code scanning. Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
import { createHash } from "node:crypto";
import type { Severity } from "../rule.ts";
import {
  type CheckReport,
  describeFinding,
  isMandatory,
  type ReportedFinding,
  type ReportedRule,
  type StackReport,
  type WaivedFinding,
} from "./report.ts";

const SCHEMA =
  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** GitHub ranks findings by a number from 0 to 10. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: "9.5",
  high: "8.0",
  medium: "5.5",
  low: "2.5",
};

/** Hexadecimal digits of a fingerprint. */
const FINGERPRINT_LENGTH = 32;

export function sarifReport(report: CheckReport, toolVersion: string): object {
  const ruleIndex = new Map(report.rules.map(({ name }, index) => [name, index]));
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "bulkhead", version: toolVersion, rules: report.rules.map(descriptor) },
        },
        invocations: [invocation(report)],
        columnKind: "utf16CodeUnits",
        results: report.stacks.flatMap((stack) => stackResults(stack, report.project, ruleIndex)),
      },
    ],
  };
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

/** A stack that could not be read is no result of a rule, but the check is not complete without it. */
function invocation({ stacks }: CheckReport): object {
  const unreadable = stacks.filter(({ status }) => status === "unreadable");
  return {
    executionSuccessful: unreadable.length === 0,
    toolExecutionNotifications: unreadable.map(({ stack, problem }) => ({
      level: "error",
      message: { text: `${stack}: ${problem}` },
    })),
  };
}

type RuleIndex = ReadonlyMap<string, number>;

function stackResults(stack: StackReport, project: string, ruleIndex: RuleIndex): object[] {
  const result = (finding: ReportedFinding, judgement: object): object => ({
    ruleId: finding.rule,
    ruleIndex: ruleIndex.get(finding.rule) ?? -1,
    message: { text: `${describeFinding(finding)} ${finding.remedy}` },
    locations: [location(stack.stack, project, finding)],
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

/** The resource; and, since GitHub shows nothing without a file, the stack's configuration. */
function location(stack: string, project: string, { urn }: ReportedFinding): object {
  const [owner, name = ""] = stack.split("/");
  const file = owner === project ? `Pulumi.${name}.yaml` : "Pulumi.yaml";
  return {
    logicalLocations: [
      {
        fullyQualifiedName: urn ?? stack,
        name: urn?.split("::").at(-1) ?? stack,
        kind: "resource",
      },
    ],
    physicalLocation: {
      artifactLocation: { uri: encodeURI(file) },
      region: { startLine: 1 },
    },
  };
}

/** The same for the same finding in every run, whatever words describe it. */
function fingerprint(stack: string, finding: ReportedFinding): string {
  const { rule, urn, path, identity, other, message } = finding;
  const isNamed = path !== null || identity !== null || other !== null;
  return createHash("sha256")
    .update(JSON.stringify([rule, stack, urn, path, identity, other, isNamed ? null : message]))
    .digest("hex")
    .slice(0, FINGERPRINT_LENGTH);
}

const pascalCase = (name: string): string =>
  name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
