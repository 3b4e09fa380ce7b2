import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

const ITERATIONS = 4096;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/**
 * What PostgreSQL keeps of a password: enough to verify it, not to log in with. The salt follows from
 * the password and `context`, so that the same password always gives the same text.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5802 and PostgreSQL's `password_encryption`
 */
export function scramVerifier(password: string, context: string): string {
  const salt = createHmac("sha256", password)
    .update(`scram salt of ${context}`)
    .digest()
    .subarray(0, SALT_BYTES);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, "sha256");
  const hmac = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest("base64");
  const serverKey = hmac("Server Key").toString("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
