import { createHmac, scrypt } from "node:crypto";

/** Says what was hashed and how, so that no two uses of the salt ever agree. */
const VERSION = "bulkhead.isolation/1";

const FINGERPRINT_BYTES = 16;

/** About 70 ms and 32 MB for one guess. OWASP's choice for passwords. */
const SLOW = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;

/** Of what cannot be guessed: HMAC-SHA-256, 128 bits of it, base64url. */
export const fastHash = (salt: Buffer, purpose: "form" | "shingle", text: string): string =>
  createHmac("sha256", salt)
    .update(`${VERSION}/${purpose}/${text}`)
    .digest()
    .toString("base64url", 0, FINGERPRINT_BYTES);

/** Of what can be guessed: scrypt, 128 bits, base64url. */
export function slowHash(salt: Buffer, text: string): Promise<string> {
  const domain = Buffer.concat([Buffer.from(`${VERSION}/guessable/`), salt]);
  return new Promise((resolve, reject) => {
    scrypt(text, domain, FINGERPRINT_BYTES, SLOW, (error, key) => {
      if (error) reject(error);
      else resolve(key.toString("base64url"));
    });
  });
}
