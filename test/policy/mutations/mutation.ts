import type { Estate } from "../estate/spec.ts";

/**
 * When a mistake can be known at the earliest: by a resource's announcement or by the whole stack,
 * in the preview or at `up`. An announcement comes before the resource is made.
 */
export type Knowable = "preview resource" | "preview stack" | "update resource" | "update stack";

/** A change of one stack by which it breaks a rule: the one that the corpus file is named after. */
export interface Mutation {
  /** Completes "The pack notices …". */
  readonly name: string;
  /** The stack that is deployed, for the first time unless the change says otherwise. Default: staging. */
  readonly subject?: string;
  readonly knownAt: Knowable;
  readonly change: (estate: Estate) => void;
  /** Other rules that rightly find something, too. */
  readonly also?: readonly string[];
}

/** A change that comes close to breaking the rule, and is allowed by all. */
export interface NearMiss {
  /** Completes "The pack allows …". */
  readonly name: string;
  /** Default: staging. */
  readonly subject?: string;
  readonly change: (estate: Estate) => void;
}

/** What a file of the corpus holds: the cases of the rule that it is named after. */
export interface Corpus {
  readonly mutations: readonly Mutation[];
  readonly nearMisses: readonly NearMiss[];
}
