import { DIGIT, kindOf, LETTER, letterIndex } from "./characters.ts";

/** A run is predictable from this many steps on: `aaaa`, `4567`, `qwer`, `abcXabcX`. */
const STEPS = 3;
/** Characters of the longest pattern whose repetition is noticed. */
const LONGEST_PATTERN = 32;

/** Places of the letters on a keyboard; rows are too far apart to be neighbours. */
const KEYBOARD = ["qwertyuiop", "asdfghjkl", "zxcvbnm"].map((row) => [...row]);
const KEYS = new Map(
  KEYBOARD.flatMap((row, y) => row.map((letter, x) => [letter.charCodeAt(0) - 0x61, 100 * y + x])),
);

/** Sets the bits of every character to nothing that continues a sequence or repeats what stood before it. */
export function discountPredictable(text: string, bits: Float64Array): void {
  for (const stepOf of [alphabetStep, keyboardStep]) discountSequences(text, bits, stepOf);
  for (let distance = 2; distance <= LONGEST_PATTERN; distance += 1)
    discountRepetition(text, bits, distance);
}

type Step = (from: number, to: number) => number | undefined;

function discountSequences(text: string, bits: Float64Array, stepOf: Step): void {
  let current: number | undefined;
  let steps = 0;
  for (let at = 1; at <= text.length; at += 1) {
    const step =
      at < text.length ? stepOf(text.charCodeAt(at - 1), text.charCodeAt(at)) : undefined;
    if (step === current) {
      steps += 1;
      continue;
    }
    if (current !== undefined && steps >= STEPS) bits.fill(0, at - steps, at);
    current = step;
    steps = 1;
  }
}

/** From one letter or digit to the next or the one before, or to the same character. */
const alphabetStep: Step = (from, to) => {
  if (from === to) return 0;
  if (kindOf(from) === DIGIT && kindOf(to) === DIGIT) return neighbours(from, to);
  return isLetter(from) && isLetter(to)
    ? neighbours(letterIndex(from), letterIndex(to))
    : undefined;
};

const keyboardStep: Step = (from, to) => {
  if (!isLetter(from) || !isLetter(to)) return undefined;
  return neighbours(KEYS.get(letterIndex(from)) ?? 0, KEYS.get(letterIndex(to)) ?? 0);
};

const neighbours = (from: number, to: number): number | undefined =>
  Math.abs(to - from) === 1 ? to - from : undefined;

const isLetter = (code: number): boolean => (kindOf(code) & LETTER) !== 0;

function discountRepetition(text: string, bits: Float64Array, distance: number): void {
  let same = 0;
  for (let at = distance; at <= text.length; at += 1) {
    if (at < text.length && text.charCodeAt(at) === text.charCodeAt(at - distance)) {
      same += 1;
      continue;
    }
    if (same > STEPS) bits.fill(0, at - same, at);
    same = 0;
  }
}
