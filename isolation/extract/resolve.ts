import {
  type FactMap,
  type FactValue,
  isFactMap,
  joinPath,
  type ResourceFact,
  reveal,
  Unknown,
} from "../facts.ts";
import type { Identity } from "../observation.ts";
import { type Place, propertiesOf, type Rule } from "./table.ts";

/** An identity with its place. */
export interface Resolved {
  readonly path: string;
  readonly identity: Identity;
}

/** What a rule finds in a resource. */
export interface Resolution {
  readonly found: readonly Resolved[];
  /** Paths whose value is not known yet. */
  readonly unknown: readonly string[];
}

/** A value with its place, and the object that it stands in. */
interface Placed {
  readonly path: string;
  readonly value: FactValue | undefined;
  readonly parent: FactMap;
}

/** Applies a rule to a resource. */
export function resolve(rule: Rule, resource: ResourceFact): Resolution {
  const found: Resolved[] = [];
  const unknown: string[] = [];
  for (const { path, value, parent } of placesOf(rule.at, resource)) {
    const beside = (name: string): string | undefined => scalar(parent[name]);
    if (!Object.entries(rule.when ?? {}).every(([name, text]) => beside(name) === text)) continue;
    if (value instanceof Unknown) unknown.push(path);
    const text = scalar(value);
    const identity =
      text === undefined || text === "" ? undefined : rule.as(text, placeIn(resource, beside));
    if (identity !== undefined) found.push({ path, identity });
  }
  return { found, unknown };
}

function placeIn(resource: ResourceFact, beside: Place["beside"]): Place {
  const of = (path: string): string | undefined => {
    for (const { value } of placesOf(path, resource)) return scalar(value);
    return undefined;
  };
  return { resource, beside, of, account: of("accountId") ?? of("account.id") };
}

function placesOf(pattern: string, resource: ResourceFact): readonly Placed[] {
  if (pattern === "id") return [{ path: "id", value: resource.id, parent: resource.inputs }];
  const segments = pattern.split(".");
  for (const properties of propertiesOf(resource)) {
    const places = [...matches(properties, segments, "", properties)];
    if (places.length > 0) return places;
  }
  return [];
}

function* matches(
  value: FactValue | undefined,
  segments: readonly string[],
  path: string,
  parent: FactMap,
): Generator<Placed> {
  const [segment, ...rest] = segments;
  const open = reveal(value);
  if (segment === undefined || open instanceof Unknown) {
    if (open !== undefined && open !== null) yield { path, value: open, parent };
  } else if (Array.isArray(open)) {
    if (segment !== "*") return;
    for (const [index, item] of open.entries())
      yield* matches(item, rest, `${path}[${index}]`, parent);
  } else if (isFactMap(open)) {
    for (const key of segment === "*" ? Object.keys(open) : [segment])
      if (Object.hasOwn(open, key)) yield* matches(open[key], rest, joinPath(path, key), open);
  }
}

function scalar(value: FactValue | undefined): string | undefined {
  const open = reveal(value);
  if (typeof open === "number") return String(open);
  return typeof open === "string" ? open : undefined;
}
