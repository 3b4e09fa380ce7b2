/** Parameters of the parameter groups of RDS and ElastiCache. Pure. */
import type { PlainValue } from "../../../providers/sdk/values.ts";

/** The vendor takes at most so many parameters in a request. */
const PER_REQUEST = 20;

/** One parameter that a program sets. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly applyMethod?: string | undefined;
}

/** Which parameters to set and which to set back, to come from one list to another. */
export function parameterChanges(
  before: readonly Parameter[],
  after: readonly Parameter[],
): { readonly set: Parameter[]; readonly reset: Parameter[] } {
  const named = new Map(before.map((each) => [each.name, each]));
  const names = new Set(after.map(({ name }) => name));
  return {
    set: after.filter((each) => {
      const old = named.get(each.name);
      return old?.value !== each.value || methodOf(old) !== methodOf(each);
    }),
    reset: before.filter(({ name }) => !names.has(name)),
  };
}

/** Cuts a list to the size of requests. */
export function inRequests<T>(items: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < items.length; start += PER_REQUEST)
    parts.push(items.slice(start, start + PER_REQUEST));
  return parts;
}

/** Form in which two lists are compared: by name, defaults filled in. */
export function normalizeParameters(value: PlainValue): PlainValue {
  if (!Array.isArray(value)) return value;
  const parameters = value as unknown as readonly Parameter[];
  return parameters
    .map((each) => ({ name: each.name, value: each.value, applyMethod: methodOf(each) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** When a parameter takes effect. */
export const methodOf = (parameter: Parameter | undefined): string =>
  parameter?.applyMethod ?? "immediate";
