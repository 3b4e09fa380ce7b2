import { type Finding, GRADES } from "../../../drift/finding.ts";
import type { DriftReport } from "../../../drift/report/report.ts";
import type { DriftCase } from "./drift-case.ts";
import type { Stack } from "./vendors.ts";

/** What was done, and where. */
interface Done {
  readonly stack: Stack;
  readonly drift: DriftCase;
}

/** A drift on each of the stacks that it is for. */
const doneIn = (drifts: readonly DriftCase[]): Done[] =>
  drifts.flatMap((drift) => (Object.keys(drift.on) as Stack[]).map((stack) => ({ stack, drift })));

/** Sentences about what was not found, or not as it must be; and about what nobody did. */
export function misjudged(drifts: readonly DriftCase[], report: DriftReport): string[] {
  const done = doneIn(drifts);
  return [
    ...done.flatMap((each) => missed(each, done, findingsOf(report, each.stack))),
    ...report.stacks.flatMap(({ stack, findings }) =>
      findings
        .filter(
          (finding) => !done.some((each) => labelOf(each) === stack && explains(each, finding)),
        )
        .map((finding) => `${stack}: nobody did ${described(finding)}`),
    ),
  ];
}

function missed(
  { stack, drift }: Done,
  done: readonly Done[],
  findings: readonly Finding[],
): string[] {
  const { kind = "changed", path, rules = [] } = drift;
  const title = `${stack}: somebody ${drift.name}`;
  const about = findings.filter(({ subject }) => isAbout(drift.subject, subject));
  const found = about.find(
    (finding) =>
      finding.kind === kind &&
      (path === undefined || finding.changes.some((change) => isAt(path, change.path))),
  );
  if (found === undefined)
    return [`${title}: not found; there is ${about.map(described).join("; ") || "nothing"}`];
  // Two drifts of one resource are one finding, which has the worse of their grades.
  const grades = done
    .filter((each) => each.stack === stack && sameSubject(each.drift, drift))
    .map((each) => each.drift.on[stack]);
  const worst = GRADES.find((grade) => grades.includes(grade));
  const broken = rules.filter((rule) => !found.rules.includes(rule));
  return [
    ...(found.grade === worst ? [] : [`${title}, which is ${worst}: ${described(found)}`]),
    ...(broken.length === 0 ? [] : [`${title}: it names not ${broken.join(", ")}`]),
    ...(found.remedies.length > 0 ? [] : [`${title}: it has no remedy`]),
  ];
}

const explains = ({ drift }: Done, { subject }: Finding): boolean =>
  [drift.subject, ...(drift.echoes ?? [])].some((each) => isAbout(each, subject));

const isAbout = ([type, name]: readonly [string, string], subject: Finding["subject"]): boolean =>
  subject.type.endsWith(type) && subject.name === name;

const sameSubject = (one: DriftCase, other: DriftCase): boolean =>
  one.subject.join() === other.subject.join();

const isAt = (wanted: string | RegExp, path: string): boolean =>
  typeof wanted === "string" ? path === wanted : wanted.test(path);

const labelOf = ({ stack }: Pick<Done, "stack">): string => `bulkhead/${stack}`;

const findingsOf = (report: DriftReport, stack: Stack): readonly Finding[] =>
  report.stacks.find((each) => each.stack === labelOf({ stack }))?.findings ?? [];

const described = ({ grade, kind, subject, changes, because, rules }: Finding): string =>
  `${grade} ${kind} ${subject.type} ${subject.name} (${changes.map(({ path, before, after }) => `${path}: ${before} → ${after}`).join(", ")}; ${rules.join()}; ${because})`;
