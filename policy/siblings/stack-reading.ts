/** What is learnt of one stack, from its state and from the manifest that its program exported. */
import type { Tier } from "../../components/tier.ts";
import type { StackFacts, StackName } from "../../isolation/facts.ts";
import type { Manifest } from "../../isolation/manifest/index.ts";
import type { Fingerprinter } from "../../isolation/secrets/index.ts";
import type { Sibling } from "../rule.ts";
import {
  factsOf,
  interruptedIn,
  refreshedIn,
  type StateFile,
  unsettledIn,
} from "../state/index.ts";
import { tierOf } from "../tier-of.ts";
import { mergeManifest } from "./merged-manifest.ts";

/** What is worked out from a state; small enough to be read of every stack in every run. */
export interface StackDigest {
  readonly tier: Tier;
  /** Nothing is deployed. */
  readonly empty: boolean;
  /** What the stack owns, uses and keeps secret. */
  readonly manifest: Manifest;
  /**
   * Why the manifest does not tell everything, two sentences: other stacks cannot be compared with
   * this one. Undefined when it does.
   */
  readonly gap: string | undefined;
  /** URNs of what an interrupted command was changing, and no later one has changed so since. */
  readonly interrupted: readonly string[];
}

/** One stack of the backend, as far as it could be read. */
export type StackReading =
  | ({
      readonly name: StackName;
      readonly problem: undefined;
      readonly facts: () => StackFacts;
      /** A command changes it now. */
      readonly updating: boolean;
      /** Whether a command has changed it since, or changes it now; undefined where nothing tells. */
      readonly hasChanged?: () => Promise<boolean>;
    } & StackDigest)
  | {
      readonly name: StackName;
      /** Why nothing of it could be read and what to do, two sentences. */
      readonly problem: string;
    };

/** Works out a state. */
export async function digestState(
  state: StateFile,
  name: StackName,
  salt: string,
  fingerprinter: Fingerprinter,
): Promise<StackDigest> {
  const facts = factsOf(state, name);
  const { manifest, gap } = await mergeManifest(facts, salt, fingerprinter, {
    unsettled: unsettledIn(state),
    refreshed: refreshedIn(state),
  });
  return {
    tier: tierOf(name.stack, facts.outputs.tier),
    empty: facts.resources.length === 0,
    manifest,
    gap,
    interrupted: interruptedIn(state),
  };
}

/**
 * How the stack looks to another one that it is compared with.
 *
 * @param reading of the stack.
 */
export function asSibling(reading: StackReading): Sibling {
  if (reading.problem !== undefined) return unreadable(reading.name, reading.problem);
  const { name, tier, empty, gap, updating } = reading;
  if (empty) return { name, tier, status: "empty" };
  // What an update has not written yet, it compares with this stack itself, when it ends.
  if (gap === undefined || updating) return deployed(reading);
  return { name, tier, status: "unreadable", problem: gap };
}

/** How the stack looks to itself: what its manifest leaves out, this very run will tell. */
export function asOwn(reading: StackReading): Sibling {
  if (reading.problem !== undefined) return unreadable(reading.name, reading.problem);
  const { name, tier, empty } = reading;
  return empty ? { name, tier, status: "empty" } : deployed(reading);
}

/** Something of the backend that could not be read, with the worst that it may be. */
export const unreadable = (name: StackName, problem: string): Sibling => ({
  name,
  tier: tierOf(name.stack, undefined),
  status: "unreadable",
  problem,
});

function deployed({ name, tier, updating, facts }: Extract<StackReading, StackDigest>): Sibling {
  let known: StackFacts | undefined;
  return {
    name,
    tier,
    status: "deployed",
    updating,
    // A rule rarely looks at more than one sibling's resources, and taking a state apart costs.
    get facts() {
      known ??= facts();
      return known;
    },
  };
}
