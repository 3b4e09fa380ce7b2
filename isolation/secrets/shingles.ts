/** Characters of a shingle: a random one of this length is in no other text by accident. */
export const SHINGLE_LENGTH = 32;
/**
 * Of this many shingles in a row one is chosen, in every text the same one. A copied run of
 * `SHINGLE_LENGTH + WINDOW - 1` characters has a whole window, so that both texts choose a common one.
 */
const WINDOW = 8;

/**
 * The chosen shingles of a text: winnowing, which finds what two texts have in common by comparing a
 * quarter of their parts. The choice is the same when the text is reversed. A text too short for a
 * window gives all it has.
 *
 * @see https://theory.stanford.edu/~aiken/publications/papers/sigmod03.pdf
 */
export function* chosenShingles(text: string): Generator<string, void> {
  const ranks = ranksOf(text);
  if (ranks.length < WINDOW) {
    for (let at = 0; at < ranks.length; at += 1) yield shingleAt(text, at);
    return;
  }
  let last = -1;
  for (let from = 0; from + WINDOW <= ranks.length; from += 1) {
    const lowest = lowestIn(text, ranks, from);
    if (lowest !== last) yield shingleAt(text, lowest);
    last = lowest;
  }
}

const shingleAt = (text: string, at: number): string => text.slice(at, at + SHINGLE_LENGTH);

/** Where the window that begins there has its lowest shingle; of equal ones, the last. */
function lowestIn(text: string, ranks: Uint32Array, from: number): number {
  let lowest = from;
  for (let at = from + 1; at < from + WINDOW; at += 1) {
    const rank = ranks[at] ?? 0;
    const least = ranks[lowest] ?? 0;
    if (rank < least || (rank === least && isNotAfter(text, at, lowest))) lowest = at;
  }
  return lowest;
}

/**
 * The order of two shingles of one rank, such as `9jx…xj` and `jx…xj9`: as texts, each read from the
 * end that makes it the lesser, so that a reversed text has the same order.
 */
function isNotAfter(text: string, left: number, right: number): boolean {
  const ofLeft = lesserEnd(text, left);
  const ofRight = lesserEnd(text, right);
  for (let at = 0; at < SHINGLE_LENGTH; at += 1) {
    const difference = codeFrom(text, left, ofLeft, at) - codeFrom(text, right, ofRight, at);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

type End = "start" | "end";

/** The end from which a shingle reads as the lesser text. */
function lesserEnd(text: string, from: number): End {
  for (let at = 0; at < SHINGLE_LENGTH / 2; at += 1) {
    const difference = codeFrom(text, from, "start", at) - codeFrom(text, from, "end", at);
    if (difference !== 0) return difference < 0 ? "start" : "end";
  }
  return "start";
}

const codeFrom = (text: string, from: number, end: End, at: number): number =>
  text.charCodeAt(end === "start" ? from + at : from + SHINGLE_LENGTH - 1 - at);

/** For each shingle a number that depends on nothing but its characters, read from either end. */
function ranksOf(text: string): Uint32Array {
  const ranks = new Uint32Array(Math.max(0, text.length - SHINGLE_LENGTH + 1));
  let pairs = 0;
  for (let last = 1; last < text.length; last += 1) {
    const first = last - SHINGLE_LENGTH + 1;
    pairs = (pairs + pairAt(text, last)) | 0;
    if (first > 0) pairs = (pairs - pairAt(text, first)) | 0;
    // Without its ends, a shingle would equal the next one when that begins with the pair it ends with.
    if (first >= 0) ranks[first] = scattered(pairs + endAt(text, first, 1) + endAt(text, last, -1));
  }
  return ranks;
}

/** The same for both orders of the two characters. */
function pairAt(text: string, at: number): number {
  const left = text.charCodeAt(at - 1);
  const right = text.charCodeAt(at);
  return scattered(Math.imul(left + right, 0x9e3779b1) ^ Math.imul(left, right));
}

/** Two characters from an end inwards. */
const endAt = (text: string, at: number, inwards: 1 | -1): number =>
  scattered(Math.imul(text.charCodeAt(at), 0x9e3779b1) ^ text.charCodeAt(at + inwards)) >>> 1;

/** The last step of MurmurHash3: numbers that are close give numbers that are not. */
function scattered(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
