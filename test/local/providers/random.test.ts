import fc from "fast-check";
import { expect, test } from "vitest";
import { sample } from "../../../local/providers/random/sampling.ts";

const base = {
  lower: true,
  upper: true,
  numeric: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
  overrideSpecial: undefined,
};
const count = (text: string, kind: RegExp) => [...text].filter((each) => kind.test(each)).length;

test("a sample has the length and at least the minimum of every kind", () => {
  const minimum = fc.integer({ min: 0, max: 8 });
  fc.assert(
    fc.property(
      minimum,
      minimum,
      minimum,
      minimum,
      minimum,
      (lower, upper, numeric, special, more) => {
        const length = lower + upper + numeric + special + more;
        const minimums = {
          minLower: lower,
          minUpper: upper,
          minNumeric: numeric,
          minSpecial: special,
        };
        const text = sample({ ...base, ...minimums, length });
        expect(text).toHaveLength(length);
        expect(count(text, /[a-z]/)).toBeGreaterThanOrEqual(lower);
        expect(count(text, /[A-Z]/)).toBeGreaterThanOrEqual(upper);
        expect(count(text, /[0-9]/)).toBeGreaterThanOrEqual(numeric);
        expect(count(text, /[^a-zA-Z0-9]/)).toBeGreaterThanOrEqual(special);
      },
    ),
  );
});

test("every character of the alphabet is as likely as any other, wherever it stands", () => {
  const only = { ...base, lower: false, upper: false, special: false, minNumeric: 2 };
  const seen = new Map<string, number>();
  const rounds = 20_000;
  for (let round = 0; round < rounds; round++) {
    const first = sample({ ...only, length: 4 }).charAt(0);
    seen.set(first, (seen.get(first) ?? 0) + 1);
  }
  // Six standard deviations around a tenth: fails once in a hundred million runs.
  const expected = rounds / 10;
  for (const digit of "0123456789")
    expect(Math.abs((seen.get(digit) ?? 0) - expected)).toBeLessThan(6 * Math.sqrt(expected * 0.9));
});

test("the special characters can be chosen", () => {
  const text = sample({
    ...base,
    length: 50,
    lower: false,
    upper: false,
    numeric: false,
    overrideSpecial: "~^",
  });
  expect(text).toMatch(/^[~^]{50}$/);
});
