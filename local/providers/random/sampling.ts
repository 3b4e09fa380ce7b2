/** Unbiased random sampling over node:crypto. */
import { randomInt } from "node:crypto";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMERIC = "0123456789";

/** Special characters of the official provider. */
export const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** Which characters a generated string is made of. */
export interface Alphabet {
  readonly length: number;
  readonly lower: boolean;
  readonly upper: boolean;
  readonly numeric: boolean;
  readonly special: boolean;
  readonly minLower: number;
  readonly minUpper: number;
  readonly minNumeric: number;
  readonly minSpecial: number;
  readonly overrideSpecial: string | undefined;
}

/** A random string: the minimum of each class, the rest from all classes, in random order. */
export function sample(alphabet: Alphabet): string {
  const special = alphabet.overrideSpecial || SPECIAL;
  const all =
    (alphabet.special ? special : "") +
    (alphabet.lower ? LOWER : "") +
    (alphabet.upper ? UPPER : "") +
    (alphabet.numeric ? NUMERIC : "");
  const characters = [
    ...pick(special, alphabet.minSpecial),
    ...pick(LOWER, alphabet.minLower),
    ...pick(UPPER, alphabet.minUpper),
    ...pick(NUMERIC, alphabet.minNumeric),
  ];
  characters.push(...pick(all, alphabet.length - characters.length));
  return shuffle(characters).join("");
}

/** `count` characters, each drawn with equal chance; `randomInt` has no modulo bias. */
function pick(from: string, count: number): string[] {
  const characters = [...from];
  return Array.from(
    { length: Math.max(count, 0) },
    () => characters[randomInt(characters.length)] ?? "",
  );
}

/** Fisher-Yates, in place. */
function shuffle<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    const [a, b] = [items[last], items[other]];
    if (a !== undefined && b !== undefined) [items[last], items[other]] = [b, a];
  }
  return items;
}
