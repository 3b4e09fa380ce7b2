import { type StackName, stackLabel } from "../../isolation/facts.ts";
import type { Evaluation } from "../evaluate.ts";
import type { Sibling } from "../rule.ts";
import type { BackendView } from "../siblings/index.ts";
import { placeOf } from "../wording.ts";

/** How many paths of a rule are named before the rest is only counted. */
const NAMED_PATHS = 3;

/** What a run tells besides violations: with what it compared, what is waived, what it could not decide. */
export function notesOf(
  subject: StackName,
  view: Pick<BackendView, "own" | "siblings">,
  evaluation: Evaluation,
): string[] {
  return [
    comparisonNote(subject, view),
    ...evaluation.waived.map(
      ({ finding, waiver }) =>
        `Waived until ${waiver.expires} by ${waiver.owner} (${waiver.reason}), ${finding.rule.name}: ${[placeOf(finding.urn, finding.path), finding.message].filter(Boolean).join(": ")}`,
    ),
    ...undecidedNote(evaluation),
  ];
}

function comparisonNote(
  subject: StackName,
  { own, siblings }: Pick<BackendView, "own" | "siblings">,
): string {
  const named = (status: Sibling["status"]) =>
    siblings.filter((each) => each.status === status).map((each) => stackLabel(each.name));
  const compared = named("deployed");
  const empty = named("empty");
  const changing = siblings.filter(({ updating }) => updating).map(({ name }) => stackLabel(name));
  return [
    compared.length === 0
      ? `${stackLabel(subject)} was compared with no other stack: none is deployed.`
      : `${stackLabel(subject)} was compared with ${compared.join(", ")}.`,
    ...(empty.length === 0 ? [] : [`Not deployed yet: ${empty.join(", ")}.`]),
    ...(changing.length === 0
      ? []
      : [`Being changed now, and compared again at the end of that: ${changing.join(", ")}.`]),
    ...(own === undefined || own.status === "empty" ? ["This is its first deployment."] : []),
  ].join(" ");
}

/** One note for all rules: a new stack has many values that only `up` will know. */
function undecidedNote({ undecided }: Evaluation): string[] {
  if (undecided.length === 0) return [];
  const rules = [...new Set(undecided.map(({ rule }) => rule.name))];
  const parts = rules.map((rule) => {
    const findings = undecided.filter((each) => each.rule.name === rule);
    const paths = findings.slice(0, NAMED_PATHS).map(({ urn, path }) => place(urn, path));
    const more = findings.length - paths.length;
    return `${rule} (${paths.join(", ")}${more > 0 ? ` and ${more} more` : ""})`;
  });
  return [`Not known before \`pulumi up\`, and decided there: ${parts.join("; ")}.`];
}

const place = (urn: string | undefined, path: string | undefined): string =>
  [urn?.split("::").at(-1), path].filter(Boolean).join(" ");
