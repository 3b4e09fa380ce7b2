import { fromHex, toHex } from "../../shared/worker/encoding.ts";

/** The most that workerd's WebCrypto accepts for PBKDF2. */
const ITERATIONS = 100_000;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const SCHEME = "pbkdf2-sha256";

/** `pbkdf2-sha256$<iterations>$<salt hex>$<hash hex>`: the parameters travel with the hash. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const hash = await derive(password, salt, ITERATIONS);
  return [SCHEME, ITERATIONS, toHex(salt), toHex(hash)].join("$");
}

/** False for a wrong password and for a record that this scheme did not write. */
export async function verifyPassword(password: string, record: string): Promise<boolean> {
  const [scheme, iterations, salt, hash] = record.split("$");
  if (scheme !== SCHEME || iterations === undefined || salt === undefined || hash === undefined) {
    return false;
  }
  const expected = fromHex(hash);
  const actual = await derive(password, fromHex(salt), Number(iterations));
  return (
    expected.byteLength === actual.byteLength && crypto.subtle.timingSafeEqual(expected, actual)
  );
}

/**
 * Costs what {@link verifyPassword} costs and never succeeds, so that an unknown e-mail address
 * takes as long to refuse as a wrong password.
 */
export async function verifyAgainstNobody(password: string): Promise<false> {
  await derive(password, new Uint8Array(SALT_BYTES), ITERATIONS);
  return false;
}

async function derive(
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(password),
    "PBKDF2",
    false,
    ["deriveBits"],
  );
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations },
    key,
    HASH_BYTES * 8,
  );
  return new Uint8Array(bits);
}
