import {
  ALPHANUMERIC,
  DIGIT,
  FOREIGN,
  isHexDigit,
  kindOf,
  LETTER,
  LOWER,
  letterIndex,
  SPECIAL,
  UPPER,
} from "./characters.ts";
import { wordEvidence } from "./letter-pairs.ts";
import { discountPredictable } from "./predictable.ts";

/*
 * How hard a text is to guess for somebody who knows how people and programs write. Nobody can tell
 * how a text was made, so the estimate must err on the low side: what could be words is taken for
 * words. The evidence is in the pairs of letters, read forwards and backwards: `th` is common in
 * words, `zq` is not. Letters next to digits speak for chance, unless the digits stand for letters
 * (`p4ssw0rd`).
 */

/** Bits of a letter in words. Shannon measured 0.6 to 1.3 for English. */
const WORD_LETTER = 1.2;
const DECIMAL_DIGIT = Math.log2(10);
const ALPHANUMERIC_SIZE = 62;
const HEX_DIGIT = 4;
/** Characters of the shortest hexadecimal number that is recognised as one. */
const SHORTEST_HEX = 8;
/** The first of a kind in a random text, of which there are 32; a repeated one may be a separator. */
const RANDOM_SPECIAL = 4;
const SEPARATOR = 1;

// Evidence is in tenths of a bit.

const LETTER_BY_DIGIT = -25;
/** Of a digit that stands for a letter. */
const LETTER_DISGUISED = -5;
const LETTERS_OF_DIGITS = new Map(
  [..."013457"].map((digit, at) => [digit.charCodeAt(0), "oieast".charCodeAt(at)]),
);

/** Below it the words of a text are random together. */
const RANDOM_TEXT = -180;
/** Below it a word of a random text is random, too. */
const RANDOM_WORD_AMONG_RANDOM = 80;
/** Above it are words beyond doubt. */
const SURELY_WORDS = 50;
/** Below it a word alone is random: a short one may be an abbreviation, a long one cannot. */
const randomWordAlone = (length: number): number => Math.min(SURELY_WORDS, 10 * (length - 19));

/** A maximal run of ASCII letters and digits. */
interface Word {
  readonly from: number;
  readonly to: number;
  readonly kinds: number;
  readonly isHex: boolean;
  /** For words, against chance. */
  readonly evidence: number;
}

/**
 * Bits of entropy, estimated from below: about 5.9 a character of random letters and digits, 4 of
 * hexadecimal and 3.3 of decimal digits, 1.2 a letter of words, none for sequences and repetitions.
 */
export function estimateBits(value: string): number {
  const made = VENDOR_MADE.exec(value)?.[1];
  if (made !== undefined && !looksLikeWords(made)) return bitsOfMade(made);
  const bits = rate(value, wordsOf(value));
  discountPredictable(value, bits);
  return sum(bits);
}

/**
 * Passwords that a vendor makes, whose random part may have `-` and `_` in it: these would cut it into
 * pieces so short that each could be a word. DigitalOcean's begin so and have 19 characters more.
 */
const VENDOR_MADE = /^AVNS_((?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w-]{19})$/;

function bitsOfMade(text: string): number {
  const bits = new Float64Array(text.length).fill(Math.log2(ALPHANUMERIC_SIZE));
  discountPredictable(text, bits);
  return sum(bits);
}

/** Bits from which on nobody can guess a value by trying, however fast. */
export const UNGUESSABLE_BITS = 80;
/** Bits a character that a text has at least for it to be taken for a random one. */
const RANDOM_BITS_PER_CHARACTER = 3;
/** More than any character has. */
const MOST_BITS_PER_CHARACTER = 6;
/** Characters, and evidence, of the least word or number that somebody may have chosen. */
const CHOSEN = { length: 4, evidence: 30 };
/** What stands between values, and in no alphabet for binary data. */
const SEPARATOR_SIGNS = /[^\w+/.!#$%*^~\\-]/;

/**
 * True for what only chance makes, from end to end, with so many bits of entropy at least. A word or
 * a number that stands by itself makes it false: whoever knows the rest could guess it.
 */
export function looksRandom(text: string, leastBits: number): boolean {
  if (text.length * MOST_BITS_PER_CHARACTER < leastBits || looksLikeWords(text)) return false;
  const least = Math.max(leastBits, RANDOM_BITS_PER_CHARACTER * text.length);
  const words = wordsOf(text);
  if (SEPARATOR_SIGNS.test(text) && words.some(isChosen)) return false;
  const bits = rate(text, words);
  if (sum(bits) < least) return false;
  discountPredictable(text, bits);
  return sum(bits) >= least;
}

/** True for a text with something in it that somebody may have chosen: a word, a number. */
export const holdsChosen = (text: string): boolean => wordsOf(text).some(isChosen);

const isChosen = ({ from, to, kinds, evidence }: Word): boolean =>
  to - from >= CHOSEN.length && (kinds === DIGIT || evidence > CHOSEN.evidence);

/** Bits of each character, whether or not it could be told from those before it. */
function rate(value: string, words: readonly Word[]): Float64Array {
  const evidence = words.reduce((total, word) => total + word.evidence, 0);
  const isRandomText = evidence < RANDOM_TEXT;
  const alphabet = alphabetSize(words.reduce((kinds, word) => kinds | word.kinds, 0));
  const bits = new Float64Array(value.length);
  rateOthers(value, bits, isRandomText);
  for (const word of words) {
    const limit = isRandomText ? RANDOM_WORD_AMONG_RANDOM : randomWordAlone(word.to - word.from);
    const isRandom = (word.kinds & LETTER) !== 0 && word.evidence < limit;
    if (word.isHex) bits.fill(HEX_DIGIT, word.from, word.to);
    else if (isRandom) bits.fill(Math.log2(alphabet), word.from, word.to);
    else rateWords(value, word, bits);
  }
  return bits;
}

function sum(bits: Float64Array): number {
  let total = 0;
  for (const each of bits) total += each;
  return total;
}

/** True for words beyond doubt: a first look, many times faster than the estimate. */
export function looksLikeWords(text: string): boolean {
  const { forwards, backwards } = pairEvidence(text, 0, text.length, letterIndex);
  return Math.max(forwards, backwards) > SURELY_WORDS;
}

function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (let from = 0; from < text.length; from += 1) {
    let to = from;
    let kinds = 0;
    let isHex = true;
    for (; to < text.length; to += 1) {
      const code = text.charCodeAt(to);
      const kind = kindOf(code);
      if ((kind & ALPHANUMERIC) === 0) break;
      kinds |= kind;
      isHex &&= isHexDigit(code);
    }
    if (to === from) continue;
    isHex &&= to - from >= SHORTEST_HEX && (kinds === (DIGIT | LOWER) || kinds === (DIGIT | UPPER));
    const evidence = isHex || (kinds & LETTER) === 0 ? 0 : evidenceOf(text, from, to);
    words.push({ from, to, kinds, isHex, evidence });
    from = to;
  }
  return words;
}

/** Evidence for words in either direction, a number before or after them left out. */
function evidenceOf(text: string, from: number, to: number): number {
  let first = from;
  let last = to;
  while (isDigit(text, first)) first += 1;
  while (isDigit(text, last - 1)) last -= 1;
  const digits = digitsIn(text, first, last);
  const isDisguised = digits.every((code) => LETTERS_OF_DIGITS.has(code));
  const letterOf = (code: number): number => letterIndex(LETTERS_OF_DIGITS.get(code) ?? code);
  const { forwards, backwards } = pairEvidence(
    text,
    first,
    last,
    isDisguised ? letterOf : letterIndex,
  );
  return Math.max(forwards, backwards) + (isDisguised ? digits.length * LETTER_DISGUISED : 0);
}

/** @param letterOf undisguises digits; below zero for those that are digits indeed */
function pairEvidence(
  text: string,
  from: number,
  to: number,
  letterOf: (code: number) => number,
): { forwards: number; backwards: number } {
  let forwards = 0;
  let backwards = 0;
  let before = -1;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    const isWordCharacter = (kindOf(code) & ALPHANUMERIC) !== 0;
    const letter = isWordCharacter ? letterOf(code) : Number.NaN;
    if (at > from && isWordCharacter && !Number.isNaN(before)) {
      if (letter >= 0 && before >= 0) {
        forwards += wordEvidence(before, letter);
        backwards += wordEvidence(letter, before);
      } else if (letter >= 0 || before >= 0) {
        forwards += LETTER_BY_DIGIT;
        backwards += LETTER_BY_DIGIT;
      }
    }
    before = letter;
  }
  return { forwards, backwards };
}

function rateWords(text: string, { from, to }: Word, bits: Float64Array): void {
  for (let at = from; at < to; at += 1) bits[at] = isDigit(text, at) ? DECIMAL_DIGIT : WORD_LETTER;
}

function rateOthers(text: string, bits: Float64Array, isRandomText: boolean): void {
  const seen = new Set<number>();
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const kind = kindOf(code);
    if (kind === FOREIGN) bits[at] = WORD_LETTER;
    if (kind !== SPECIAL) continue;
    bits[at] = isRandomText && !seen.has(code) ? RANDOM_SPECIAL : SEPARATOR;
    seen.add(code);
  }
}

function digitsIn(text: string, from: number, to: number): number[] {
  const digits: number[] = [];
  for (let at = from; at < to; at += 1) if (isDigit(text, at)) digits.push(text.charCodeAt(at));
  return digits;
}

const isDigit = (text: string, at: number): boolean => kindOf(text.charCodeAt(at)) === DIGIT;

const alphabetSize = (kinds: number): number =>
  ((kinds & DIGIT) === 0 ? 0 : 10) +
  ((kinds & LOWER) === 0 ? 0 : 26) +
  ((kinds & UPPER) === 0 ? 0 : 26);
