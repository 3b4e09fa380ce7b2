/** Judges deployed stacks by the rules, without a deployment. */
import { IsolationIndex } from "../../isolation/compare/index.ts";
import { stackLabel } from "../../isolation/facts.ts";
import { MANIFEST_OUTPUT } from "../../isolation/manifest/index.ts";
import type { Fingerprinter } from "../../isolation/secrets/index.ts";
import { exportedManifest } from "../context.ts";
import { isDefaultProvider } from "../engine/wire.ts";
import { type Evaluation, evaluateStack, type RuleFinding } from "../evaluate.ts";
import type { Rule } from "../rule.ts";
import type { PolicySettings } from "../settings.ts";
import { type StackReading, unreadable, viewFrom } from "../siblings/index.ts";
import { stateObservations } from "../state/observations.ts";
import {
  type CheckReport,
  createReport,
  type ReportedFinding,
  type ReportedRule,
  type StackReport,
} from "./report.ts";

export interface CheckOptions {
  readonly project: string;
  readonly rules: readonly Rule[];
  readonly settings: PolicySettings;
  readonly fingerprinter: Fingerprinter;
  /** ISO date, UTC. */
  readonly today: string;
}

/**
 * What the rules say of each of the stacks, compared with all that the backend has.
 *
 * @param subjects those of `all` that are judged.
 */
export async function checkStacks(
  subjects: readonly StackReading[],
  all: readonly StackReading[],
  options: CheckOptions,
): Promise<CheckReport> {
  const index = new IsolationIndex();
  for (const reading of all)
    if (reading.problem === undefined) index.add(reading.name, () => reading.manifest);
  const stacks: StackReport[] = [];
  for (const subject of subjects)
    stacks.push(await checkStack(subject, all, index.without(subject.name), options));
  return reportOf(stacks, options);
}

/** The report of a check that could not begin, since the backend does not tell its stacks. */
export function unlistedReport(problem: string, options: CheckOptions): CheckReport {
  const { name, tier } = unreadable({ project: options.project, stack: "*" }, problem);
  const stack = {
    ...NOTHING,
    stack: stackLabel(name),
    tier,
    status: "unreadable",
    problem,
  } as const;
  return reportOf([stack], options);
}

const NOTHING = { problem: null, findings: [], waived: [], undecided: [] } as const;

async function checkStack(
  subject: StackReading,
  all: readonly StackReading[],
  others: IsolationIndex,
  { rules, settings, fingerprinter, today }: CheckOptions,
): Promise<StackReport> {
  const stack = stackLabel(subject.name);
  if (subject.problem !== undefined) {
    const { tier, problem } = unreadable(subject.name, subject.problem);
    return { ...NOTHING, stack, tier, status: "unreadable", problem: problem ?? null };
  }
  const { tier } = subject;
  if (subject.empty) return { ...NOTHING, stack, tier, status: "empty" };

  const facts = subject.facts();
  const view = viewFrom(subject.name, all);
  const exported = exportedManifest(facts.outputs);
  const { [MANIFEST_OUTPUT]: _, ...outputs } = facts.outputs;
  const resources = facts.resources.filter(({ urn }) => !isDefaultProvider(urn));
  const evaluation = await evaluateStack(rules, {
    subject: { ...facts, resources },
    tier,
    observations: await stateObservations(
      { resources, outputs },
      exported.status === "known" ? exported.manifest : undefined,
      fingerprinter,
    ),
    siblings: view.siblings,
    others,
    exported,
    settings,
    today,
    fingerprinter,
  });
  return { stack, tier, status: "checked", problem: null, ...reported(evaluation) };
}

const reported = ({ findings, undecided, waived }: Evaluation) => ({
  findings: findings.map(reportedFinding),
  undecided: undecided.map(reportedFinding),
  waived: waived.map(({ finding, waiver: { owner, reason, expires } }) => ({
    ...reportedFinding(finding),
    waiver: { owner, reason, expires },
  })),
});

function reportedFinding({
  rule,
  level,
  message,
  urn,
  path,
  identity,
  other,
}: RuleFinding): ReportedFinding {
  return {
    rule: rule.name,
    severity: rule.severity,
    level,
    message,
    remedy: rule.remedy,
    urn: urn ?? null,
    path: path ?? null,
    identity: identity ?? null,
    other: other === undefined ? null : { stack: stackLabel(other.stack), urn: other.urn ?? null },
  };
}

const reportOf = (
  stacks: readonly StackReport[],
  { project, rules, today }: CheckOptions,
): CheckReport => createReport({ date: today, project, stacks, rules: rules.map(reportedRule) });

const reportedRule = ({ name, title, severity, level, why, remedy }: Rule): ReportedRule => ({
  name,
  title,
  severity,
  level,
  why,
  remedy,
  docs: `docs/policies.md#${name}`,
});
