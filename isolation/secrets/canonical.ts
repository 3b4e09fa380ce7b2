import { hexDigits, reversed } from "./decodings.ts";

/**
 * One text for all that differ only in case, blanks, direction, or the spelling of a hexadecimal
 * number.
 */
export function canonical(text: string): string {
  const plain = hexDigits(text.normalize("NFC").toLowerCase().replace(/\s+/g, ""));
  const [first = plain] = [plain, reversed(plain)].sort();
  return first;
}
