import { isUtf8 } from "node:buffer";
import { percentDecoded } from "../identity/percent.ts";
import { looksLikeWords, looksRandom, UNGUESSABLE_BITS } from "./strength.ts";

/** Characters of the shortest text that is taken for an encoded one; shorter ones decode by accident. */
const SHORTEST_ENCODED = 12;
/** Encodings within encodings that are taken off. What lies deeper is not looked at. */
const DEEPEST = 6;

/** Takes one disguise off; undefined where there is none. */
type Decoding = (text: string) => string | undefined;

const DECODINGS: readonly Decoding[] = [
  (text) => changed(text, percentDecoded(text)),
  (text) => changed(text, text.includes("\\") ? text.replace(ESCAPE, unescaped) : text),
  encodedText,
  // A text that was reversed after it was encoded; one that was reversed before is a form by itself.
  (text) => (MAY_BE_ENCODED.test(text) ? encodedText(reversed(text)) : undefined),
];

/** A text on the way from how it is written to what it says. */
export interface Readings {
  /** Every step, the text itself included. */
  readonly steps: ReadonlySet<string>;
  /** What is left when every disguise is off; none when it was encoded more often than anybody would. */
  readonly bare: ReadonlySet<string>;
}

/**
 * Takes every disguise off a text: blanks and quotes around it, percent-encoding, escapes,
 * hexadecimal, base64, forwards and backwards, in any order.
 */
export function readingsOf(text: string): Readings {
  const steps = new Set<string>();
  const bare = new Set<string>();
  const takeOff = (from: string, depth: number): void => {
    const step = unquoted(from);
    if (depth > DEEPEST || steps.has(step)) return;
    steps.add(step);
    const inner = decodedOnce(step);
    if (inner.length === 0) bare.add(step);
    for (const each of [...inner, ...unwrapped(step)]) takeOff(each, depth + 1);
  };
  takeOff(text, 0);
  return { steps, bare };
}

/** True for what is another text in disguise, and therefore not random however it looks. */
export const isDisguised = (text: string): boolean => decodedOnce(unquoted(text)).length > 0;

const decodedOnce = (text: string): string[] => DECODINGS.flatMap((decode) => decode(text) ?? []);

/** The bytes that a text encodes in hexadecimal or base64; undefined where it encodes none, or a text. */
export function binaryIn(text: string): Buffer | undefined {
  const bytes = bytesIn(text);
  return bytes === undefined || textIn(bytes) !== undefined ? undefined : bytes;
}

function encodedText(text: string): string | undefined {
  const bytes = bytesIn(text);
  return bytes === undefined ? undefined : textIn(bytes);
}

const MAY_BE_ENCODED = /^[A-Za-z0-9+/_=:\s-]+$/;
const HEX_CHARACTERS = /^(?:0x)?[0-9a-f:\s-]+$/i;
const BASE64_CHARACTERS = /^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}$/;

function bytesIn(text: string): Buffer | undefined {
  if (text.length < SHORTEST_ENCODED || !MAY_BE_ENCODED.test(text)) return undefined;
  return HEX_CHARACTERS.test(text) ? hexBytes(text) : base64Bytes(text.replace(/\s+/g, ""));
}

/** Of either case, with `0x` before them, and colons, hyphens or blanks between bytes. */
function hexBytes(text: string): Buffer | undefined {
  const digits = hexDigits(text);
  const isWhole = digits.length % 2 === 0 && digits.length >= SHORTEST_ENCODED;
  return isWhole ? Buffer.from(digits, "hex") : undefined;
}

/** A hexadecimal number without what may stand before and between its digits; other texts as they are. */
export const hexDigits = (text: string): string =>
  HEX_CHARACTERS.test(text) ? text.replace(/^0x|[\s:-]/gi, "") : text;

/** Either alphabet, padded or not; nothing where an encoder would have written it otherwise. */
function base64Bytes(text: string): Buffer | undefined {
  if (text.length < SHORTEST_ENCODED || !BASE64_CHARACTERS.test(text)) return undefined;
  const digits = text.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Buffer.from(digits, "base64");
  return bytes.toString("base64").replace(/=+$/, "") === digits ? bytes : undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they tell binary data from texts.
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

function textIn(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString("utf8");
  return CONTROL.test(text) ? undefined : text;
}

/** JSON's escapes, which most languages share, in either case. */
const ESCAPE = /\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(["'\\/bfnrt]))/gi;
const CONTROLS = new Map(Object.entries({ b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }));

function unescaped(_: string, unicode?: string, byte?: string, character = ""): string {
  const code = unicode ?? byte;
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  return CONTROLS.get(character.toLowerCase()) ?? character;
}

const LONGEST_WRAPPED = 65_536;
/** Characters below which a value says nothing: `true`, a port, a PIN. */
export const SHORTEST_VALUE = 8;

/**
 * A random value written in lines or groups of one width is one value, but they may as well be
 * several: it has both readings. Words and numbers are not joined, lest one is hashed together with
 * what is known.
 */
function unwrapped(text: string): string[] {
  if (text.length > LONGEST_WRAPPED || !/\s/.test(text)) return [];
  const lines = text.split(/\s+/);
  const width = Math.max(...lines.slice(0, 2).map(({ length }) => length));
  const isColumn =
    (lines.length > 2 || text.includes("\n")) &&
    lines.slice(1, -1).every(({ length }) => length === width) &&
    lines.every(({ length }) => length <= width);
  if (!isColumn || lines.some(mayBeChosen)) return [];
  const whole = lines.join("");
  return looksRandom(whole.toLowerCase(), UNGUESSABLE_BITS) ? [whole] : [];
}

const mayBeChosen = (line: string): boolean =>
  line.length >= SHORTEST_VALUE && (/^\d+$/.test(line) || looksLikeWords(line.toLowerCase()));

const MOST_QUOTES = 8;

/** Without blanks around it, and without pairs of quotes around it. */
function unquoted(text: string): string {
  let bare = text.trim();
  for (let pairs = 0; pairs < MOST_QUOTES && /^(["'`])[\s\S]*\1$/.test(bare); pairs += 1)
    bare = bare.slice(1, -1).trim();
  return bare;
}

export function reversed(text: string): string {
  let backwards = "";
  for (const character of text) backwards = character + backwards;
  return backwards;
}

const changed = (before: string, after: string): string | undefined =>
  after === before ? undefined : after;
