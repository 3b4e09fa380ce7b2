import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { factChanges } from "../../../drift/engine/property-changes.ts";
import {
  type FactMap,
  type FactValue,
  isFactMap,
  leavesOf,
  Secret,
} from "../../../isolation/facts.ts";

const NAME = fc.stringMatching(/^[a-z]{1,6}$/);
const SCALAR = fc.oneof(
  fc.integer({ min: -3, max: 99 }),
  fc.boolean(),
  fc.stringMatching(/^[a-z]{0,3}$/),
  fc.constant(null),
);

/** Maps and lists as vendors answer them: lists of scalars, of things with names, and of anything. */
const { value: VALUE } = fc.letrec<{ value: FactValue; map: FactMap }>((tie) => ({
  map: fc.dictionary(NAME, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    SCALAR,
    fc.array(SCALAR, { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(NAME, tie("map")), { selector: ([name]) => name, maxLength: 3 })
      .map((items) => items.map(([name, rest]) => ({ ...rest, name }))),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("map"),
  ),
}));
const FACTS = fc.dictionary(NAME, VALUE, { maxKeys: 4, noNullPrototype: true });

/** The same value with every list and every map in another order. */
function shuffled(value: FactValue, random: () => number): FactValue {
  const mixed = <T>(items: readonly T[]): T[] =>
    items
      .map((item) => [random(), item] as const)
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item);
  if (Array.isArray(value)) return mixed(value).map((item) => shuffled(item, random));
  if (!isFactMap(value)) return value;
  return Object.fromEntries(
    mixed(Object.entries(value)).map(([key, each]) => [key, shuffled(each, random)]),
  );
}

/** A copy in which the leaf of that number has become `to`. */
function withLeaf(facts: FactMap, number: number, to: FactValue): FactMap {
  let at = -1;
  const copy = (value: FactValue): FactValue => {
    if (Array.isArray(value)) return value.map(copy);
    if (isFactMap(value))
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copy(each)]));
    at += 1;
    return at === number ? to : value;
  };
  return copy(facts) as FactMap;
}

/** Makes the changes by their paths; items of lists go by `name`, others by what they are. */
function applied(facts: FactMap, changes: ReturnType<typeof factChanges>): FactMap {
  const result = structuredClone(facts) as Record<string, FactValue>;
  for (const { path, before, after } of changes) {
    const steps = [...path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, item, key]) =>
      key === undefined ? { item: item ?? "" } : { key },
    );
    // biome-ignore lint/suspicious/noExplicitAny: it is walked by paths.
    let at: any = result;
    for (const [index, step] of steps.entries()) {
      const isLast = index === steps.length - 1;
      if ("key" in step) {
        if (isLast) at[step.key] = after;
        else at = at[step.key];
        continue;
      }
      const place = (at as FactValue[]).findIndex((item) =>
        step.item === ""
          ? factChanges({ item }, { item: before ?? null }).length === 0
          : isFactMap(item) && item.name === step.item,
      );
      if (!isLast) at = at[place];
      else if (before === undefined) at.push(after);
      else if (after === undefined) at.splice(place, 1);
      else at[place] = after;
    }
  }
  return result;
}

describe("what differs between two sets of facts", () => {
  it("is nothing when lists and maps only came in another order, at any depth", () => {
    fc.assert(
      fc.property(
        FACTS,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (facts, numbers) => {
          const other = shuffled(facts, () => numbers.next().value) as FactMap;
          expect(factChanges(facts, other)).toEqual([]);
        },
      ),
    );
  });

  it("is never nothing when one leaf has another value", () => {
    fc.assert(
      fc.property(FACTS, fc.nat(), fc.integer({ min: 1_000, max: 9_000 }), (facts, number, to) => {
        const leaves = [...leavesOf(facts)];
        fc.pre(leaves.length > 0);
        const changed = withLeaf(facts, number % leaves.length, to);
        expect(factChanges(facts, changed)).not.toEqual([]);
        expect(factChanges(changed, facts)).not.toEqual([]);
      }),
    );
  });

  it("is all that there is to change: with it made, the two are the same", () => {
    const NAMED: fc.Arbitrary<FactMap> = fc.dictionary(
      NAME,
      fc.oneof(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.uniqueArray(fc.record({ name: NAME, size: fc.nat(3), on: fc.boolean() }), {
          selector: ({ name }) => name,
          minLength: 1,
          maxLength: 4,
        }),
        fc.dictionary(NAME, fc.integer({ min: 1, max: 9 }), { minKeys: 1, noNullPrototype: true }),
      ),
      { maxKeys: 5, noNullPrototype: true },
    );
    fc.assert(
      fc.property(NAMED, NAMED, (before, after) => {
        expect(factChanges(applied(before, factChanges(before, after)), after)).toEqual([]);
      }),
    );
  });

  it("goes by the fields that tell items apart, and by whole items where none does", () => {
    const rule = (value: string, type = "ip_addr") => ({ type, value });
    expect(
      factChanges(
        { rules: [rule("10.0.0.1"), rule("10.0.0.2")], tags: ["a", "b", "b"] },
        { rules: [rule("10.0.0.2", "tag"), rule("10.0.0.1")], tags: ["b", "a"] },
      ),
    ).toEqual([
      { path: "rules[10.0.0.2].type", before: "ip_addr", after: "tag" },
      { path: "tags[]", before: "b", after: undefined },
    ]);
    const port = (from: number, cidr: string) => ({ from, ranges: [cidr] });
    expect(factChanges({ open: [port(1, "a")] }, { open: [port(1, "a"), port(1, "b")] })).toEqual([
      { path: "open[]", before: undefined, after: port(1, "b") },
    ]);
  });

  it.each<[string, FactValue | undefined, FactValue | undefined]>([
    ["an empty text and nothing", "", undefined],
    ["an empty list and null", [], null],
    ["a map of empty values and nothing", { mode: "", names: [] }, undefined],
    ["two sealed values", new Secret(undefined), new Secret(undefined)],
    [
      "a sealed value inside a list",
      [{ name: "A", text: new Secret(undefined) }],
      [{ text: new Secret(undefined), name: "A" }],
    ],
  ])("takes %s for the same", (_title, before, after) => {
    const facts = (value: FactValue | undefined): FactMap => (value === undefined ? {} : { value });
    expect(factChanges(facts(before), facts(after))).toEqual([]);
  });

  it.each<[string, FactValue | undefined, FactValue | undefined]>([
    ["false and nothing", false, undefined],
    ["zero and nothing", 0, null],
    ["a text and a number", "5432", 5432],
    ["a sealed value and a plain one", new Secret(undefined), "plain"],
    ["a list with an item twice and once", ["a", "a"], ["a"]],
  ])("does not take %s for the same", (_title, before, after) => {
    const facts = (value: FactValue | undefined): FactMap => (value === undefined ? {} : { value });
    expect(factChanges(facts(before), facts(after))).toHaveLength(1);
  });
});
