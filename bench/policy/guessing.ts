import { randomBytes } from "node:crypto";
import Table from "cli-table3";
import { fastHash, slowHash } from "../../isolation/secrets/hashes.ts";
import { UNGUESSABLE_BITS } from "../../isolation/secrets/strength.ts";

const SALT = randomBytes(24);
const FAST_GUESSES = 500_000;
const SLOW_GUESSES = 40;
const SECONDS_OF_A_YEAR = 365.25 * 24 * 3600;

/** What a secret is drawn from. */
interface SecretClass {
  readonly name: string;
  /** Possible values, as a power of two. */
  readonly bits: number;
  readonly hash: "HMAC" | "scrypt";
}

const CLASSES: readonly SecretClass[] = [
  { name: "64 generated letters and digits", bits: 64 * Math.log2(62), hash: "HMAC" },
  { name: "22 generated letters and digits", bits: 22 * Math.log2(62), hash: "HMAC" },
  { name: "the least that is hashed fast", bits: UNGUESSABLE_BITS, hash: "HMAC" },
  // NIST SP 800-63-2, appendix A: with upper case and special characters.
  { name: "12 characters that somebody chose", bits: 30, hash: "scrypt" },
  { name: "8 digits", bits: 8 * Math.log2(10), hash: "scrypt" },
];

/** How long it takes to guess a secret by its fingerprint, on one core. */
export async function benchGuessing(): Promise<void> {
  const rates = {
    HMAC: await guessesPerSecond(FAST_GUESSES, (guess) => fastHash(SALT, "form", guess)),
    scrypt: await guessesPerSecond(SLOW_GUESSES, (guess) => slowHash(SALT, guess)),
  };
  const [fast, slow] = [rates.HMAC.toFixed(0), rates.scrypt.toFixed(1)];
  console.log(`Guesses a second on one core: HMAC ${fast}, scrypt ${slow}.`);
  const table = new Table({
    head: ["secret", "hash", "values", "years of one core, on the average"],
    style: { head: [], border: [] },
  });
  for (const { name, bits, hash } of CLASSES) {
    const years = 2 ** (bits - 1) / rates[hash] / SECONDS_OF_A_YEAR;
    table.push([name, hash, `2^${bits.toFixed(0)}`, years.toExponential(1)]);
  }
  console.log(table.toString());
}

/** One guess after the other, as one core can make them. */
async function guessesPerSecond(
  count: number,
  guess: (value: string) => string | Promise<string>,
): Promise<number> {
  const started = performance.now();
  for (let number = 0; number < count; number += 1) {
    const hash = guess(`guess-${number}`);
    if (hash instanceof Promise) await hash;
  }
  return count / ((performance.now() - started) / 1000);
}
