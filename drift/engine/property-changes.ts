/** Which properties differ between two sets of facts, in paths that a person can read. */
import { isDeepStrictEqual } from "node:util";
import {
  type FactMap,
  type FactValue,
  isFactMap,
  joinPath,
  Secret,
} from "../../isolation/facts.ts";

/** One difference; undefined: the property is not there. */
export interface FactChange {
  readonly path: string;
  readonly before: FactValue | undefined;
  readonly after: FactValue | undefined;
}

/**
 * Fields by which the items of a list are told apart, the best first: what an item means comes before
 * the record that a vendor keeps of it, which is another when the item is written again.
 */
const KEYS = ["name", "key", "id", "sid", "cidr", "value", "uuid", "port", "type"] as const;

/**
 * Every property that differs, as deep as the two have the same form. Lists are compared without
 * their order at any depth, since the vendors' answers come in any. Two sealed values look alike.
 */
export function factChanges(before: FactMap, after: FactMap): FactChange[] {
  return [...changesOf("", before, after)];
}

/** Whether two values mean the same, by the same comparison. */
const isSameFact = (before: FactValue | undefined, after: FactValue | undefined): boolean =>
  changesOf("", before, after).next().done === true;

function* changesOf(
  path: string,
  before: FactValue | undefined,
  after: FactValue | undefined,
): Generator<FactChange, void> {
  if (isDeepStrictEqual(before, after) || (isEmpty(before) && isEmpty(after))) return;
  if (isFactMap(before) && isFactMap(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      yield* changesOf(joinPath(path, key), before[key], after[key]);
  } else if (isList(before) && isList(after)) {
    yield* listChanges(path, before, after);
  } else if (!(before instanceof Secret && after instanceof Secret)) {
    // Two sealed values look alike, whatever they hold.
    yield { path, before, after };
  }
}

function* listChanges(
  path: string,
  before: readonly FactValue[],
  after: readonly FactValue[],
): Generator<FactChange, void> {
  // A list that lost its last item means something else than one that lost any.
  if (before.length === 0 || after.length === 0) {
    yield { path, before, after };
    return;
  }
  const [gone, added] = withoutCommon(before, after);
  const key = KEYS.find((each) => identifies(each, before) && identifies(each, after));
  if (key === undefined) {
    for (const item of gone) yield { path: `${path}[]`, before: item, after: undefined };
    for (const item of added) yield { path: `${path}[]`, before: undefined, after: item };
    return;
  }
  const names = new Set([...gone, ...added].map((item) => nameOf(item, key)));
  for (const name of names) {
    const same = (item: FactValue) => nameOf(item, key) === name;
    yield* changesOf(`${path}[${name}]`, gone.find(same), added.find(same));
  }
}

/** What only one of two lists has, counting repeats. */
function withoutCommon(
  before: readonly FactValue[],
  after: readonly FactValue[],
): [FactValue[], FactValue[]] {
  const rest = [...after];
  const gone = before.filter((item) => {
    const at = rest.findIndex((other) => isSameFact(item, other));
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
  return [gone, rest];
}

/** Whether a field tells the items of a list apart. */
function identifies(key: string, items: readonly FactValue[]): boolean {
  const names = items.map((item) => nameOf(item, key));
  return !names.includes(undefined) && new Set(names).size === names.length;
}

function nameOf(item: FactValue, key: string): string | undefined {
  const value = isFactMap(item) ? item[key] : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

const isList = (value: FactValue | undefined): value is readonly FactValue[] =>
  Array.isArray(value);

/** Vendors leave out what is empty, or answer it as an empty list, map or text. */
export function isEmpty(value: FactValue | undefined): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isFactMap(value) && Object.values(value).every(isEmpty);
}
