import { holdsChosen, looksRandom, UNGUESSABLE_BITS } from "./strength.ts";

/** Stands for what has been cut out of a text; no piece and no shingle goes across it. */
export const CUT = "\0";

const SHORTEST_PIECE = 14;
export const LONGEST_PIECE = 4096;

const LETTERS_AND_DIGITS = 1;
/** Signs of alphabets for binary data, and signs that generators of passwords use and lists do not. */
const SIGNS: readonly (readonly [bit: number, signs: string])[] = [
  [2, "-_"],
  [4, "+"],
  [8, "/"],
  [16, "!#$%*.^~\\"],
];

/** Alphabets from the smallest to the largest, so that the smallest piece is found first. */
const ALPHABETS: readonly number[] = [
  LETTERS_AND_DIGITS,
  LETTERS_AND_DIGITS | 2,
  LETTERS_AND_DIGITS | 4 | 8,
  LETTERS_AND_DIGITS | 2 | 4 | 16,
];

const EVERYTHING = SIGNS.reduce((alphabet, [bit]) => alphabet | bit, LETTERS_AND_DIGITS);

const BITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(character)) return LETTERS_AND_DIGITS;
  return SIGNS.find(([, signs]) => signs.includes(character))?.[0] ?? 0;
});

/**
 * The smallest parts of a text that only chance makes. No two overlap: what is hashed together with
 * a part that can be guessed would give that part away to whoever knows the rest.
 */
export function randomPieces(text: string): string[] {
  const found = new Uint8Array(text.length);
  const pieces: string[] = [];
  for (const alphabet of ALPHABETS) {
    for (const { from, to, holdsAnother } of runsOf(text, alphabet, found)) {
      const length = to - from;
      if (holdsAnother || length < SHORTEST_PIECE || length > LONGEST_PIECE) continue;
      const piece = text.slice(from, to);
      if (!looksRandom(piece.toLowerCase(), UNGUESSABLE_BITS)) continue;
      found[from] = 1;
      pieces.push(piece);
    }
  }
  return pieces;
}

/** Words and numbers from four characters on: fewer are worth nothing. */
const WORDS = /(?<![A-Za-z0-9])[A-Za-z0-9]{4,31}(?![A-Za-z0-9])/g;

/**
 * The parts of a text that no separator divides: no blank, quote, bracket, nor any of `:=@,;&?|`, and
 * no word or number that somebody may have chosen.
 */
export function* undividedRuns(text: string, shortest: number): Generator<string, void> {
  for (const { from, to } of runsOf(text, EVERYTHING)) {
    if (to - from < shortest) continue;
    const random = text
      .slice(from, to)
      .replace(WORDS, (word) => (holdsChosen(word.toLowerCase()) ? CUT : word));
    yield* random.split(CUT).filter(({ length }) => length >= shortest);
  }
}

interface Run {
  readonly from: number;
  readonly to: number;
  readonly holdsAnother: boolean;
}

function* runsOf(text: string, alphabet: number, found?: Uint8Array): Generator<Run, void> {
  for (let from = 0; from < text.length; from += 1) {
    let to = from;
    let holdsAnother = false;
    for (; to < text.length; to += 1) {
      if (((BITS[text.charCodeAt(to)] ?? 0) & alphabet) === 0) break;
      holdsAnother ||= found?.[to] === 1;
    }
    if (to > from) yield { from, to, holdsAnother };
    from = to;
  }
}
