/** Values that look like a vendor's or a generator's, the same in every run. */
import { createHash } from "node:crypto";

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A UUID for a name. */
export function uuid(...name: readonly string[]): string {
  const hex = hexId(...name);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}

/** 32 hexadecimal digits for a name, as Cloudflare's accounts, zones and namespaces have. */
export function hexId(...name: readonly string[]): string {
  return createHash("sha256").update(name.join("\n")).digest("hex").slice(0, 32);
}

/** Random-looking letters and digits for a name. */
export function randomText(length: number, ...name: readonly string[]): string {
  let text = "";
  for (let round = 0; text.length < length; round += 1) {
    const bytes = createHash("sha512")
      .update([...name, String(round)].join("\n"))
      .digest();
    for (const byte of bytes) if (byte < 248) text += ALPHANUMERIC[byte % 62];
  }
  return text.slice(0, length);
}
