/** Looks at every stack of a project for drift. */
import { IsolationIndex } from "../../isolation/compare/index.ts";
import { stackLabel } from "../../isolation/facts.ts";
import { concurrently } from "../../policy/siblings/concurrently.ts";
import { type StackReading, unreadable } from "../../policy/siblings/index.ts";
import type { Finding } from "../finding.ts";
import { Redactor } from "../redact/redact.ts";
import { createReport, type DriftReport, type StackReport } from "../report/report.ts";
import { finish } from "./finish.ts";
import { brokenIsolation } from "./isolation.ts";
import type { ScanOptions } from "./options.ts";
import { ownersOf } from "./owners.ts";
import { lookAt } from "./stack.ts";

/**
 * Looks at the stacks, several at once, and compares what is really there by the rules of the policy
 * pack. A stack that cannot be read is reported as such, and keeps no other from being looked at.
 *
 * @param subjects those of `all` that are looked at.
 * @param all stacks of the backend, as far as they could be read.
 */
export async function scanStacks(
  subjects: readonly StackReading[],
  all: readonly StackReading[],
  options: ScanOptions,
): Promise<DriftReport> {
  const startedAt = new Date(options.now);
  const began = performance.now();
  const index = new IsolationIndex();
  for (const reading of all)
    if (reading.problem === undefined) index.add(reading.name, () => reading.manifest);
  const redactor = new Redactor(index, options.fingerprinter);
  const owners = ownersOf(all);
  const looked = await concurrently(subjects, options.parallel, (reading) =>
    lookAt(reading, { ...options, redactor, isOwned: owners(reading) }),
  );
  const broken = await brokenIsolation(looked, all, options);
  const unread = all.flatMap(({ name, problem }) =>
    problem === undefined ? [] : stackLabel(name),
  );
  const stacks = looked
    .map((each) => finish(each, broken.get(each.label) ?? [], options))
    .map((each) => withDoubt(each, unread));
  return createReport({
    startedAt: startedAt.toISOString(),
    durationSeconds: (performance.now() - began) / 1000,
    project: options.projectName,
    failOn: options.failOn,
    stacks,
  });
}

/** What a stack owns that could not be read looks like nobody's, and is not to be deleted for it. */
function withDoubt(report: StackReport, unread: readonly string[]): StackReport {
  const isUnowned = ({ kind }: Finding) => kind === "unmanaged" || kind === "orphaned";
  if (unread.length === 0 || !report.findings.some(isUnowned)) return report;
  const message = `What ${unread.join(", ")} owns is not known, since it could not be read, so that it may be among what no stack owns here. Make it readable, and run again before anything is deleted.`;
  return { ...report, problems: [...report.problems, { part: "unmanaged", message }] };
}

/** The report of a run that could not begin, since the backend does not tell its stacks. */
export function unlistedReport(
  project: string,
  problem: string,
  { now, failOn }: Pick<ScanOptions, "now" | "failOn">,
): DriftReport {
  const everyStack = unreadable({ project, stack: "*" }, problem);
  return createReport({
    startedAt: new Date(now).toISOString(),
    durationSeconds: 0,
    project,
    failOn,
    stacks: [
      {
        stack: stackLabel(everyStack.name),
        tier: everyStack.tier,
        status: "unreadable",
        resources: 0,
        durationSeconds: 0,
        problems: [{ part: "backend", message: problem }],
        findings: [],
        filtered: [],
      },
    ],
  });
}
