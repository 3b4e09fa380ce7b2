import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chosenShingles, SHINGLE_LENGTH } from "../../../isolation/secrets/shingles.ts";
import { secretOf } from "./disguises.ts";

const backwards = (text: string): string => [...text].reverse().join("");
const COMMON = 39;

describe("of two texts with 39 characters in common", () => {
  test("a common shingle is chosen, whatever stands around it", () => {
    const around = fc.string({ maxLength: 60 });
    fc.assert(
      fc.property(
        secretOf("alphanumeric", COMMON),
        around,
        around,
        around,
        around,
        (common, a, b, c, d) => {
          const left = new Set(chosenShingles(`${a}${common}${b}`));
          const inside = [...chosenShingles(`${c}${common}${d}`)].filter((each) => left.has(each));
          expect(inside.some((each) => common.includes(each))).toBe(true);
        },
      ),
    );
  });

  test("one of which is reversed, the same shingle is chosen", () => {
    fc.assert(
      fc.property(secretOf("alphanumeric", COMMON, 200), (text) => {
        const forwards = new Set(chosenShingles(text));
        const reversed = new Set([...chosenShingles(backwards(text))].map(backwards));
        expect(reversed).toEqual(forwards);
      }),
    );
  });
});

test("of two shingles that swap their ends, a reversed text chooses the same one", () => {
  const swapped = [
    "ieqkdmf9jxUDttUs4Uk9bkE0B3dSE3uZ6RpZQxj9Zm694oAujzHWzxicRjg84Ina",
    "4GbwTotE6heAvfV5hcYJ6i9SOh30GQ7OoWlMBhzWSI",
  ].join("");
  const reversed = new Set([...chosenShingles(backwards(swapped))].map(backwards));
  expect(reversed).toEqual(new Set(chosenShingles(swapped)));
});

test("about a quarter of the shingles is chosen", () => {
  const [text = ""] = fc.sample(secretOf("alphanumeric", 20_000), 1);
  const share = [...chosenShingles(text)].length / (text.length - SHINGLE_LENGTH + 1);
  expect(share).toBeGreaterThan(0.19);
  expect(share).toBeLessThan(0.26);
});

test.each([
  [0, 0],
  [31, 0],
  [32, 1],
  [38, 7],
])("a text of %i characters gives all its %i shingles", (length, count) => {
  const [text = ""] = fc.sample(secretOf("alphanumeric", length), 1);
  expect([...chosenShingles(text)]).toHaveLength(count);
});
