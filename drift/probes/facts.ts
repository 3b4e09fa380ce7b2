/** What probes read of a stack, and how they word what they find. */

import {
  type FactMap,
  type FactValue,
  isFactMap,
  type ResourceFact,
  reveal,
  STACK_TYPE,
} from "../../isolation/facts.ts";
import { concurrently } from "../../policy/siblings/concurrently.ts";
import { messageOf } from "../../policy/wording.ts";
import { factChanges } from "../engine/property-changes.ts";
import type { Difference, Kind, Subject, Trace } from "../finding.ts";
import { PartlyUnknown, type ProbeInput } from "./probe.ts";

/** Questions that a probe asks at a time. */
const AT_ONCE = 4;

/** The value at a path of names, secret or not; undefined where there is none. */
export function valueAt(map: FactMap, ...path: readonly string[]): FactValue | undefined {
  let at: FactValue | undefined = map;
  for (const name of path) {
    const around: FactValue | undefined = reveal(at);
    at = isFactMap(around) ? around[name] : undefined;
  }
  return reveal(at);
}

export function textAt(map: FactMap, ...path: readonly string[]): string | undefined {
  const value = valueAt(map, ...path);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberAt(map: FactMap, ...path: readonly string[]): number | undefined {
  const value = Number(valueAt(map, ...path) ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}

export function listAt(map: FactMap, ...path: readonly string[]): readonly FactValue[] {
  const value = valueAt(map, ...path);
  return Array.isArray(value) ? value : [];
}

/** The maps of a list. */
export const mapsAt = (map: FactMap, ...path: readonly string[]): readonly FactMap[] =>
  listAt(map, ...path)
    .map(reveal)
    .filter(isFactMap);

/** The stack's own resources of a type, as they are recorded. */
export const ownOf = (
  { recorded }: Pick<ProbeInput, "recorded">,
  type: string,
): readonly ResourceFact[] =>
  recorded.resources.filter((each) => each.type === type && each.custom && !each.external);

/** The stack's resources with their secrets. */
export async function openResources(
  input: Pick<ProbeInput, "recorded" | "secrets">,
): Promise<readonly ResourceFact[]> {
  const byUrn = new Map((await input.secrets()).map((each) => [each.urn, each]));
  return input.recorded.resources.flatMap((resource) => {
    const open = byUrn.get(resource.urn);
    return open === undefined ? [] : [{ ...resource, inputs: open.inputs, outputs: open.outputs }];
  });
}

/** The stack's outputs with their secrets. */
export async function openOutputs(input: Pick<ProbeInput, "secrets">): Promise<FactMap> {
  return (await input.secrets()).find(({ type }) => type === STACK_TYPE)?.outputs ?? {};
}

/** Whether the refresh has told already that a property of a resource is another one, or that it is gone. */
export function isTold(
  { changed }: Pick<ProbeInput, "changed">,
  urn: string,
  property: string,
): boolean {
  const change = changed.find(({ recorded }) => recorded.urn === urn);
  if (change === undefined) return false;
  const { recorded, live } = change;
  if (live === undefined) return true;
  return [
    ...factChanges(recorded.inputs, live.inputs),
    ...factChanges(recorded.outputs, live.outputs),
  ].some(({ path }) => path.split(/[.[]/)[0] === property);
}

export const subjectOf = ({ urn, type, name, id }: ResourceFact): Subject => ({
  urn,
  type,
  name,
  id: id ?? null,
});

/** What a probe says of a resource. */
export const found = (
  kind: Kind,
  resource: ResourceFact,
  message: string,
  more: Partial<Pick<Difference, "changes" | "key">> & { readonly trace?: Trace | null } = {},
): Difference => ({
  kind,
  subject: subjectOf(resource),
  message,
  changes: [],
  trace: null,
  rules: [],
  ...more,
});

/**
 * Looks at several things, a few at a time. What cannot be looked at keeps none of the others from it.
 *
 * @throws PartlyUnknown with what was found, when something could not be looked at.
 */
export async function lookAtEach<T>(
  items: readonly T[],
  work: (item: T) => Promise<readonly Difference[]>,
): Promise<readonly Difference[]> {
  const told = await concurrently(items, AT_ONCE, async (item) => {
    try {
      return { differences: await work(item), errors: [] };
    } catch (error) {
      const differences = error instanceof PartlyUnknown ? error.differences : [];
      return { differences, errors: [messageOf(error)] };
    }
  });
  const differences = told.flatMap((each) => each.differences);
  const errors = [...new Set(told.flatMap((each) => each.errors))];
  if (errors.length > 0) throw new PartlyUnknown(errors.join(" "), differences);
  return differences;
}

/** The items by a key, in their order. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Whether the resource is still there; that it is gone is the refresh's to tell. */
export const isThere = ({ live }: Pick<ProbeInput, "live">, { urn }: ResourceFact): boolean =>
  live.resources.some((each) => each.urn === urn);

/** `a, b and 4 more`. */
export function listed(names: readonly string[], most = 3): string {
  const named = names.slice(0, most).join(", ");
  return names.length > most ? `${named} and ${names.length - most} more` : named;
}
