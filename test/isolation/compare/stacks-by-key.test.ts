import fc from "fast-check";
import { expect, test } from "vitest";
import { StacksByKey } from "../../../isolation/compare/stacks-by-key.ts";

test("it names every stack of a key, once, and no other", () => {
  const keys = fc.array(fc.string({ maxLength: 3 }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 6 }), (keysOfStacks) => {
      const stacks = new StacksByKey();
      const expected = new Map<string, Set<number>>();
      for (const [stack, own] of keysOfStacks.entries())
        for (const key of own) {
          stacks.add(key, stack);
          expected.set(key, (expected.get(key) ?? new Set()).add(stack));
        }
      for (const [key, numbers] of expected) expect(stacks.of(key)).toEqual([...numbers]);
      expect(stacks.of("long enough to be in none of them")).toEqual([]);
      const sharing = [...expected.values()].filter(({ size }) => size > 1);
      expect(stacks.sharing()).toEqual(new Set(sharing.flatMap((numbers) => [...numbers])));
    }),
  );
});

test("it holds a hundred thousand keys that differ in little", () => {
  const stacks = new StacksByKey();
  for (let key = 0; key < 100_000; key += 1) stacks.add(`id:${key}`, key % 1000);
  for (let key = 0; key < 100_000; key += 1) expect(stacks.of(`id:${key}`)).toEqual([key % 1000]);
  expect(stacks.of("id:100000")).toEqual([]);
  expect(stacks.sharing().size).toBe(0);
});
