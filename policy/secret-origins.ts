import { isProvider } from "../isolation/facts.ts";
import type { Observation, SecretFact } from "../isolation/observation.ts";
import { isGenerator } from "./generators.ts";
import { propertyOf, valueAt } from "./property-paths.ts";
import type { RuleView } from "./rule.ts";
import { isHarmlessName, variableName } from "./secret-names.ts";

/** Where a secret's value comes from within its stack. */
export interface SecretOrigin {
  readonly kind: "generator" | "vendor";
  readonly observation: Observation;
}

/** Bits, by estimate. */
const COMMON_BITS = 40;

/** The name of a user or a region that is kept as a secret says nothing when others have it too. */
export function isCommonWord({ resource }: Observation, { path, bits }: SecretFact): boolean {
  return (bits ?? COMMON_BITS) < COMMON_BITS && isHarmlessName(variableName(resource, path));
}

/** True for a secret that a vendor made: an answer that the program did not ask for by value. */
export function isIssued({ resource }: Observation, { path }: SecretFact): boolean {
  return (
    resource.custom &&
    !isProvider(resource) &&
    !isGenerator(resource) &&
    valueAt(resource.inputs, path) === undefined &&
    propertyOf(resource, path) !== undefined
  );
}

/** The resource of this stack that made the secret; undefined where somebody typed it. */
export function originOf(
  { fingerprints }: SecretFact,
  { own }: RuleView,
): SecretOrigin | undefined {
  const holders = own.holdersOf(fingerprints);
  const generator = holders.find(({ observation }) => isGenerator(observation.resource));
  if (generator) return { kind: "generator", observation: generator.observation };
  const issuer = holders.find(({ observation, fact }) => isIssued(observation, fact));
  return issuer && { kind: "vendor", observation: issuer.observation };
}
