/** Which environments a name spells, by whole words (`int` is in `maintenance`). */
import { environmentLabel, tokensOf } from "../components/naming.ts";
import { type Tier, tiersSpelledBy } from "../components/tier.ts";

/** Tiers that a single word names. `pr` and `preview` are words of other things as well. */
const TELLING_TIERS: ReadonlySet<string> = new Set(["development", "staging", "production"]);

/** What a name says about where its thing belongs. */
export interface SpelledEnvironments {
  readonly carriesOwn: boolean;
  /** Another environment, as the name spells it. */
  readonly foreign: string | undefined;
}

/** A stack with its tier, whose words are its environment's. */
export interface Environment {
  readonly stack: string;
  readonly tier: Tier;
}

/** Stands where the words of the own environment were. */
const TAKEN = "\0";

/**
 * @param others the other environments; words that the resource's logical name has too are no
 *   environment's.
 */
export function environmentsIn(
  name: string,
  own: Environment,
  others: readonly Pick<Environment, "stack">[],
  logicalName: string,
): SpelledEnvironments {
  const written = tokensOf(name);
  const words = written.map(normal);
  const rest = spellings(own).reduce<string[]>(withoutRun, words);
  const carriesOwn = rest.includes(TAKEN);
  const tier = rest.findIndex((word) => TELLING_TIERS.has(word) && word !== own.tier);
  if (tier !== -1) return { carriesOwn, foreign: written[tier] };
  const common = new Set(tokensOf(logicalName).map(normal));
  const other = others.find(({ stack }) => {
    const run = tokensOf(stack).map(normal);
    return run.some((word) => !common.has(word)) && indexOfRun(rest, run) !== -1;
  });
  return { carriesOwn, foreign: other?.stack };
}

/** The words by which names may say that they belong to the environment, the longest first. */
function spellings({ stack, tier }: Environment): string[][] {
  const tierless = tiersSpelledBy(stack).length === 0 && tier !== "preview";
  return [
    tokensOf(environmentLabel(stack)).map(normal),
    tokensOf(stack).map(normal),
    ...(tierless ? [[tier]] : []),
  ];
}

/** One word for all spellings of a tier: `prod` is `production`. */
const normal = (word: string): string => tiersSpelledBy(word)[0] ?? word;

function withoutRun(words: readonly string[], run: readonly string[]): string[] {
  const at = indexOfRun(words, run);
  if (at === -1) return [...words];
  // As many places as before, so that the index of a word stays what it was.
  const marked = words.map((word, index) =>
    index >= at && index < at + run.length ? TAKEN : word,
  );
  return withoutRun(marked, run);
}

function indexOfRun(words: readonly string[], run: readonly string[]): number {
  if (run.length === 0) return -1;
  return words.findIndex((_, start) => run.every((word, offset) => words[start + offset] === word));
}
