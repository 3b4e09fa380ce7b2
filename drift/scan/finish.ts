/** Makes findings of differences: with a grade, remedies, and who has acknowledged them. */
import { type Difference, type Finding, findingId, GRADES, type Subject } from "../finding.ts";
import { gradeOf } from "../grade/grade.ts";
import { type RemedyContext, remediesFor } from "../remedy/remedies.ts";
import type { StackReport } from "../report/report.ts";
import type { BrokenRule } from "./isolation.ts";
import type { ScanOptions } from "./options.ts";
import type { LookedAt } from "./stack.ts";

/** The report of a stack. */
export function finish(
  looked: LookedAt,
  broken: readonly BrokenRule[],
  options: Pick<ScanOptions, "acknowledgementOf">,
): StackReport {
  const { label, tier, status, resources, durationSeconds, problems, notes, filtered } = looked;
  const hasFindings = looked.differences.length + broken.length > 0;
  const context = { ...looked, recorded: hasFindings ? looked.recorded() : [] };
  const byDrift = (rule: BrokenRule) =>
    !rule.before && looked.differences.some(({ subject }) => subject.urn === rule.urn);
  const findings = [
    ...looked.differences.map((difference) => {
      const own = broken.filter((rule) => byDrift(rule) && rule.urn === difference.subject.urn);
      return finding({ ...difference, ...told(difference, own) }, own, context, options);
    }),
    ...broken
      .filter((rule) => !byDrift(rule))
      .map((rule) => finding(isolationDifference(rule), [rule], context, options)),
  ];
  return {
    stack: label,
    tier,
    status,
    resources,
    durationSeconds,
    problems,
    ...(notes === undefined || notes.length === 0 ? {} : { notes }),
    findings: findings.sort((a, b) => GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade)),
    filtered,
  };
}

function finding(
  difference: Difference,
  broken: readonly BrokenRule[],
  { label, tier, name, recorded }: Omit<LookedAt, "recorded"> & Pick<RemedyContext, "recorded">,
  { acknowledgementOf }: Pick<ScanOptions, "acknowledgementOf">,
): Finding {
  const id = findingId(label, difference);
  return {
    ...difference,
    id,
    stack: label,
    tier,
    ...gradeOf(difference, tier, broken),
    remedies: remediesFor(difference, { id, stack: name, recorded }),
    acknowledged: acknowledgementOf(id) ?? null,
  };
}

/** A difference with what it does to the isolation. */
function told(
  { message, rules }: Difference,
  broken: readonly BrokenRule[],
): Pick<Difference, "message" | "rules"> {
  const said = [...new Set(broken.map((each) => each.message))];
  return {
    message: [message, ...said].join(" "),
    rules: [...new Set([...rules, ...broken.map(({ rule }) => rule)])],
  };
}

/** What breaks a rule by itself, or by another stack's drift. */
function isolationDifference({ rule, message, urn, identity, before }: BrokenRule): Difference {
  return {
    kind: "isolation",
    subject: subjectOfRule(urn, identity),
    message: before ? `${message} It is so in what the stack records, too.` : message,
    changes: [],
    trace: null,
    rules: [rule],
  };
}

function subjectOfRule(urn: string | null, identity: string | null): Subject {
  const [, , types = "", name] = (urn ?? "").split("::");
  return {
    urn,
    type: types.split("$").at(-1) ?? "",
    name: name ?? identity ?? "the stack",
    id: null,
  };
}
