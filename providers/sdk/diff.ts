/** Diff and reconcile: what changed between inputs, and what the live resource says of them. Pure. */
import {
  childPath,
  isPlainMap,
  type Properties,
  type Property,
  type PropertyType,
} from "./properties.ts";
import {
  equal,
  isMap,
  type PlainMap,
  type PlainValue,
  type RevealedMap,
  type RevealedValue,
  Unknown,
} from "./values.ts";

/** One changed property. */
export interface Change {
  /** Property path such as `bindings[1].id`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  /** The vendor cannot make the change in place. */
  readonly replace: boolean;
}

/**
 * Changes from the recorded inputs to the program's inputs. `state` holds the last known outputs: it
 * answers for `inherited` properties that earlier inputs left to the vendor.
 */
export function diffInputs(
  properties: Properties,
  olds: RevealedMap,
  news: RevealedMap,
  state: RevealedMap,
): Change[] {
  const changes: Change[] = [];
  for (const [name, property] of Object.entries(properties)) {
    if (property.silent) continue;
    const base = olds[name] ?? (property.mode === "inherited" ? state[name] : undefined);
    compareProperty(property, base, news[name], name, property.replace === true, changes);
  }
  return changes;
}

function compareProperty(
  property: Property,
  oldValue: RevealedValue | undefined,
  newValue: RevealedValue | undefined,
  path: string,
  replace: boolean,
  changes: Change[],
): void {
  if (property.mode === "output") return;
  if (newValue === undefined && property.mode === "inherited") return;
  const before = oldValue ?? property.unset;
  const after = newValue ?? property.unset;
  if (same(property, before, after)) return;
  compareValue(property.type, before, after, path, replace, changes);
}

function compareValue(
  type: PropertyType,
  before: RevealedValue | undefined,
  after: RevealedValue | undefined,
  path: string,
  replace: boolean,
  changes: Change[],
): void {
  if (before === undefined && after === undefined) return;
  if (before === undefined) changes.push({ path, kind: "add", replace });
  else if (after === undefined) changes.push({ path, kind: "delete", replace });
  else if (typeof type === "object" && "object" in type && isMap(before) && isMap(after))
    for (const [name, property] of Object.entries(type.object))
      compareProperty(
        property,
        (before as RevealedMap)[name],
        (after as RevealedMap)[name],
        childPath(path, name),
        replace || property.replace === true,
        changes,
      );
  else if (typeof type === "object" && "map" in type && isMap(before) && isMap(after)) {
    const [a, b] = [before as RevealedMap, after as RevealedMap];
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      compareValue(type.map, a[key], b[key], childPath(path, key), replace, changes);
  } else if (
    typeof type === "object" &&
    "array" in type &&
    Array.isArray(before) &&
    Array.isArray(after)
  )
    for (let index = 0; index < Math.max(before.length, after.length); index++)
      compareValue(
        type.array,
        before[index],
        after[index],
        childPath(path, index),
        replace,
        changes,
      );
  else if (!equal(before, after)) changes.push({ path, kind: "update", replace });
}

function same(
  property: Property,
  before: RevealedValue | undefined,
  after: RevealedValue | undefined,
): boolean {
  if (equal(before, after)) return true;
  const { normalize } = property;
  if (normalize === undefined || before === undefined || after === undefined) return false;
  if (before instanceof Unknown || after instanceof Unknown) return false;
  return equal(normalize(before as PlainValue), normalize(after as PlainValue));
}

/**
 * Inputs that describe the live resource in the program's own words: an input keeps its recorded
 * spelling while the live value means the same, takes the live value where that drifted, and is
 * added where the vendor has something that leaving it out would not give.
 * Without recorded inputs (import) every input is taken from the live resource.
 */
export function reconcileInputs(
  properties: Properties,
  recorded: PlainMap | undefined,
  live: { readonly [name: string]: PlainValue | undefined },
): PlainMap {
  const inputs: Record<string, PlainValue> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (property.mode === "output") continue;
    const known = recorded?.[name];
    const value =
      name in live
        ? reconcileProperty(property, known, live[name] ?? undefined, recorded === undefined)
        : known;
    if (value !== undefined && value !== null) inputs[name] = value;
  }
  return inputs;
}

function reconcileProperty(
  property: Property,
  known: PlainValue | undefined,
  live: PlainValue | undefined,
  importing: boolean,
): PlainValue | undefined {
  if (known === undefined || known === null) {
    if (live === undefined || live === null) return undefined;
    if (property.mode === "inherited" && !importing) return undefined;
    if (property.unset !== undefined && same(property, live, property.unset)) return undefined;
    return reconcileValue(property.type, undefined, live, importing);
  }
  if (live === undefined || live === null)
    return property.unset !== undefined && same(property, known, property.unset)
      ? known
      : undefined;
  return same(property, known, live)
    ? known
    : reconcileValue(property.type, known, live, importing);
}

function reconcileValue(
  type: PropertyType,
  known: PlainValue | undefined,
  live: PlainValue,
  importing: boolean,
): PlainValue {
  if (typeof type === "object" && "object" in type && isPlainMap(live)) {
    const before = isPlainMap(known) ? known : undefined;
    const result: Record<string, PlainValue> = {};
    for (const [name, property] of Object.entries(type.object)) {
      if (property.mode === "output") continue;
      const kept = property.mode === "inherited" && !(name in live);
      const value = kept
        ? before?.[name]
        : reconcileProperty(property, before?.[name], live[name], importing);
      if (value !== undefined && value !== null) result[name] = value;
    }
    return result;
  }
  if (typeof type === "object" && "array" in type && Array.isArray(live)) {
    const before = Array.isArray(known) && known.length === live.length ? known : [];
    return live.map((item, index) => reconcileValue(type.array, before[index], item, importing));
  }
  return live;
}
