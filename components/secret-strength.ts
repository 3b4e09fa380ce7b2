import type { RandomPasswordArgs } from "@pulumi/random/randomPassword.js";
import { InputError } from "./input-error.ts";

/** The characters a secret is drawn from, each with the same probability. */
export type Alphabet = "alphanumeric" | "base64url" | "hex";

type CharacterClasses = Required<
  Pick<RandomPasswordArgs, "lower" | "upper" | "numeric" | "special">
> &
  Pick<RandomPasswordArgs, "overrideSpecial">;

const ALPHABETS: Readonly<Record<Alphabet, { size: number; classes: CharacterClasses }>> = {
  alphanumeric: {
    size: 62,
    classes: { lower: true, upper: true, numeric: true, special: false },
  },
  base64url: {
    size: 64,
    classes: { lower: true, upper: true, numeric: true, special: true, overrideSpecial: "-_" },
  },
  hex: {
    size: 16,
    classes: {
      lower: false,
      upper: false,
      numeric: true,
      special: true,
      overrideSpecial: "abcdef",
    },
  },
};

/** Bits. What NIST SP 800-57 calls sufficient beyond 2030. */
export const MIN_ENTROPY_BITS = 128;

/** Bits of entropy in `length` characters of an alphabet. */
export function entropyBits(length: number, alphabet: Alphabet): number {
  return length * Math.log2(ALPHABETS[alphabet].size);
}

/**
 * The generator's arguments for a secret.
 *
 * @throws InputError for an unknown alphabet, and below {@link MIN_ENTROPY_BITS}.
 */
export function generatorArgs(
  name: string,
  length: number,
  alphabet: Alphabet,
): RandomPasswordArgs & { length: number } {
  if (!Object.hasOwn(ALPHABETS, alphabet)) {
    throw new InputError(
      `The alphabet "${alphabet}" of the secret ${name} is not known. ` +
        `Use ${Object.keys(ALPHABETS).join(", ")}.`,
    );
  }
  const needed = Math.ceil(MIN_ENTROPY_BITS / Math.log2(ALPHABETS[alphabet].size));
  if (!Number.isInteger(length) || length < needed) {
    const bits = Math.floor(entropyBits(length, alphabet));
    throw new InputError(
      `The length ${length} of the secret ${name} gives it ${bits} bits; ${MIN_ENTROPY_BITS} are ` +
        `needed. Use a whole number of at least ${needed} characters (${alphabet}).`,
    );
  }
  return { length, ...ALPHABETS[alphabet].classes };
}
