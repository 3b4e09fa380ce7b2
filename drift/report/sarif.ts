/** A drift report as SARIF 2.1.0, for code scanning. */
import {
  pascalCase,
  SECURITY_SEVERITY,
  sarifDocument,
  sarifLocation,
} from "../../policy/report/sarif-document.ts";
import { type Finding, type Grade, KINDS, type Kind } from "../finding.ts";
import { KIND_TITLES } from "./kinds.ts";
import type { DriftReport, StackReport } from "./report.ts";

const LEVELS: Readonly<Record<Grade, string>> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
};

export const sarifReport = (report: DriftReport, toolVersion: string): object =>
  sarifDocument({
    toolVersion,
    rules: KINDS.map(descriptor),
    results: report.stacks.flatMap((stack) => resultsOf(stack, report.project)),
    problems: report.stacks.flatMap(({ stack, problems }) =>
      problems.map(({ message }) => `${stack}: ${message}`),
    ),
  });

const descriptor = (kind: Kind): object => ({
  id: `drift-${kind}`,
  name: pascalCase(`drift-${kind}`),
  shortDescription: { text: KIND_TITLES[kind] },
  helpUri: `docs/drift.md#${kind}`,
  defaultConfiguration: { level: "warning" },
  properties: { tags: ["security", "drift"] },
});

const resultsOf = ({ stack, findings }: StackReport, project: string): object[] =>
  findings.map((finding) => ({
    ruleId: `drift-${finding.kind}`,
    ruleIndex: KINDS.indexOf(finding.kind),
    kind: "fail",
    level: LEVELS[finding.grade],
    message: { text: messageOf(finding) },
    locations: [sarifLocation(stack, project, finding.subject.urn)],
    partialFingerprints: { "bulkheadDrift/v1": finding.id },
    properties: {
      stack,
      grade: finding.grade,
      "security-severity": SECURITY_SEVERITY[finding.grade],
      rules: finding.rules,
      changes: finding.changes,
      trace: finding.trace,
    },
    ...(finding.acknowledged === null ? {} : { suppressions: [suppression(finding.acknowledged)] }),
  }));

const messageOf = ({ message, because, remedies: [remedy] }: Finding): string =>
  [message, because, ...(remedy === undefined ? [] : [`${remedy.effect} ${remedy.command}`])].join(
    " ",
  );

const suppression = ({ owner, reason, expires }: NonNullable<Finding["acknowledged"]>): object => ({
  kind: "external",
  status: "accepted",
  justification: `${reason} (owner ${owner}, until ${expires})`,
});
