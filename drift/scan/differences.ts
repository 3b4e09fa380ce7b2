/** What a refresh found, as differences that a person can read; and what of it is noise. */
import { type FactValue, leavesOf, type ResourceFact } from "../../isolation/facts.ts";
import type { ChangedResource } from "../engine/live-facts.ts";
import { type FactChange, factChanges } from "../engine/property-changes.ts";
import type { Difference, PropertyChange, Subject } from "../finding.ts";
import { noiseRuleFor } from "../noise/filter.ts";
import { HIDDEN, type Redactor } from "../redact/redact.ts";
import type { FilteredChange } from "../report/report.ts";

export interface RefreshDifferences {
  readonly differences: readonly Difference[];
  readonly filtered: readonly FilteredChange[];
}

/** One difference for each resource that drifted; every changed property is in it, or filtered. */
export function refreshDifferences(
  changed: readonly ChangedResource[],
  redactor: Redactor,
): RefreshDifferences {
  const each = changed.map((resource) => resourceDifference(resource, redactor));
  return {
    differences: each.flatMap(({ difference }) => (difference === undefined ? [] : [difference])),
    filtered: each.flatMap(({ filtered }) => filtered),
  };
}

/** What a difference is about, when it is a resource of the stack. */
export const subjectOf = ({ urn, type, name, id }: ResourceFact): Subject => ({
  urn,
  type,
  name,
  id: id ?? null,
});

function resourceDifference(
  { recorded, live, told }: ChangedResource,
  redactor: Redactor,
): { difference?: Difference; filtered: FilteredChange[] } {
  const subject = subjectOf(recorded);
  const common = { subject, trace: null, rules: [] };
  if (live === undefined) {
    const message = `${subject.name} is recorded in the stack's state, and is gone at the vendor.`;
    return { difference: { ...common, kind: "deleted", message, changes: [] }, filtered: [] };
  }
  const inputs = factChanges(recorded.inputs, live.inputs);
  const declared = new Set(inputs.map(({ path }) => path));
  const outputs = factChanges(recorded.outputs, live.outputs).filter(
    ({ path }) => !declared.has(path),
  );
  const noisy = outputs.map((change) => ({ change, rule: noiseRuleFor(recorded, change) }));
  const show = ({ path, before, after }: FactChange): PropertyChange => {
    // What has come in the place of a secret is one, whatever the provider calls it.
    const shown = (value: FactValue | undefined) =>
      value !== undefined && (isSealed(before) || isSealed(after))
        ? HIDDEN
        : redactor.show(value, path);
    // An item of a list is named by what it says.
    return { path: redactor.text(path), before: shown(before), after: shown(after) };
  };
  const filtered = noisy.flatMap(({ change, rule }) =>
    rule === undefined ? [] : [{ ...show(change), urn: subject.urn ?? "", rule: rule.name }],
  );
  const real = [...inputs, ...noisy.filter(({ rule }) => !rule).map(({ change }) => change)];
  // Values that are sealed look alike: that one differs is all that the provider can tell.
  const visible = new Set([...inputs, ...outputs].map(({ path }) => propertyOf(path)));
  const sealed = told.filter((path) => {
    const property = propertyOf(path);
    return !visible.has(property) && isSealed(recorded.inputs[property]);
  });
  const secrets = sealed.map((path) => ({ path, before: HIDDEN, after: HIDDEN }));
  if (real.length > 0) {
    const changes = [...real.map(show), ...secrets];
    const message = `${subject.name} has ${changes.length === 1 ? "another" : "other"} ${listed(changes.map(({ path }) => path))} than recorded.`;
    return { difference: { ...common, kind: "changed", message, changes }, filtered };
  }
  if (secrets.length > 0) {
    const message = `${subject.name} has another secret in ${listed(sealed)} than recorded.`;
    return { difference: { ...common, kind: "secret", message, changes: secrets }, filtered };
  }
  return { filtered };
}

/** `bindings[2].text` → `bindings`. */
const propertyOf = (path: string): string => path.split(/[.[]/, 1)[0] ?? path;

/** Whether there is a secret in a value. */
const isSealed = (value: FactValue | undefined): boolean =>
  value !== undefined && [...leavesOf(value, "")].some(({ secret }) => secret);

/** Paths that a sentence names. */
const NAMED = 3;

/** `a, b and 4 more`. */
function listed(paths: readonly string[]): string {
  const named = paths.slice(0, NAMED).join(", ");
  return paths.length > NAMED ? `${named} and ${paths.length - NAMED} more` : named;
}
