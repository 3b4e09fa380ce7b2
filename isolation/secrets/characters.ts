/** Kinds of characters, by UTF-16 code unit: bits, so that kinds can be combined. */
export const DIGIT = 1;
export const LOWER = 2;
export const UPPER = 4;
/** A printable ASCII character that is neither letter nor digit. */
export const SPECIAL = 8;
/** Whatever is not ASCII. */
export const FOREIGN = 16;
/** Blanks and control characters. */
export const NOTHING = 0;

export const LETTER = LOWER | UPPER;
export const ALPHANUMERIC = DIGIT | LETTER;

const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[0-9]/.test(character)) return DIGIT;
  if (/[a-z]/.test(character)) return LOWER;
  if (/[A-Z]/.test(character)) return UPPER;
  return /[!-~]/.test(character) ? SPECIAL : NOTHING;
});

export const kindOf = (code: number): number => KINDS[code] ?? FOREIGN;

/** 0 for `a` and `A` to 25 for `z` and `Z`; only for letters. */
export const letterIndex = (code: number): number => (code | 0x20) - 0x61;

/** A digit or one of `a` to `f`, of either case; only for letters and digits. */
export const isHexDigit = (code: number): boolean =>
  kindOf(code) === DIGIT || letterIndex(code) < 6;
