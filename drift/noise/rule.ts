import type { FactValue } from "../../isolation/facts.ts";

/** A kind of difference that is known to be harmless. */
export interface NoiseRule {
  /** For reports. */
  readonly name: string;
  /** Why it is harmless, and who makes it: one sentence. */
  readonly why: string;
  /** Type tokens. */
  readonly types: readonly string[];
  /** Matches the path of an output; inputs are what was declared, and never noise. */
  readonly path: RegExp;
  /** Where the path alone does not tell. */
  readonly when?: (before: FactValue | undefined, after: FactValue | undefined) => boolean;
}
