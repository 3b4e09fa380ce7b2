import { formsOf } from "./forms.ts";
import { fastHash, slowHash } from "./hashes.ts";
import { saltBytes, saltProblem } from "./salt.ts";

/**
 * Turns values into fingerprints, which tell whether two values are the same or one is in the other,
 * and nothing else. Two values share a secret if they have a fingerprint in common. Each method
 * remembers its answers.
 */
export interface Fingerprinter {
  /** Of a secret, in every disguise, of its parts, and of shingles; empty below eight characters. */
  secret(value: string): Promise<readonly string[]>;
  /**
   * Of each secret in a value by itself, as {@link secret} has them: one that is found of each list
   * means that all of the value is known.
   */
  parts(value: string): Promise<readonly (readonly string[])[]>;
  /** Of everything in a plain text that could be a secret which nobody can guess. */
  text(text: string): readonly string[];
  /** Of what in a plain text could be a secret that somebody can guess; about 70 ms for each. */
  guessable(text: string): Promise<readonly string[]>;
}

/** Shingles of the longest secret whose every part is found: about five thousand characters. */
const MOST_SHINGLES = 1024;

/**
 * @param salt the project's public salt, see {@link saltProblem}
 * @throws Error for a salt that is none
 */
export function createFingerprinter(salt: string): Fingerprinter {
  const problem = saltProblem(salt);
  if (problem !== undefined) throw new Error(problem);
  const key = saltBytes(salt);
  const forms = remember(formsOf);
  const slow = remember((form: string) => slowHash(key, form));
  const fast = (purpose: "form" | "shingle", texts: Iterable<string>): string[] =>
    [...texts].map((text) => fastHash(key, purpose, text));
  const shinglesOf = (value: string): string[] => fast("shingle", forms(value).shingles).sort();

  const guessable = remember(async (text: string) =>
    sorted(await Promise.all([...forms(text).guessable].map(slow))),
  );
  const secret = remember(async (value: string) => {
    // The lowest ones: of two long values with much in common many are in both.
    const shingles = shinglesOf(value).slice(0, MOST_SHINGLES);
    return sorted([...fast("form", forms(value).random), ...shingles, ...(await guessable(value))]);
  });
  return {
    guessable,
    secret,
    parts: remember((value: string) => Promise.all([...forms(value).pieces].map(secret))),
    text: remember((text: string) =>
      sorted([...fast("form", forms(text).random), ...shinglesOf(text)]),
    ),
  };
}

const sorted = (fingerprints: readonly string[]): readonly string[] =>
  [...new Set(fingerprints)].sort();

function remember<Answer>(answer: (text: string) => Answer): (text: string) => Answer {
  const answers = new Map<string, Answer>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const fresh = answer(text);
    answers.set(text, fresh);
    return fresh;
  };
}
