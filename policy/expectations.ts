import { type FactValue, type ResourceFact, Unknown } from "../isolation/facts.ts";
import { propertyOf } from "./property-paths.ts";
import type { Finding, Level } from "./rule.ts";

/** What a property of certain resources must be. */
export interface Expectation {
  /** Type tokens of the resources that it is for. */
  readonly types: readonly string[];
  /** For example `versioning.enabled`. */
  readonly path: string;
  /** Whether a value will do; undefined where the property is left out, which means the vendor's default. */
  readonly accepts: (value: FactValue | undefined) => boolean;
  /** What is wrong otherwise, one sentence. */
  readonly message: string;
  /** Resources of the types that the expectation is not for. Default: none. */
  readonly except?: (resource: ResourceFact) => boolean;
  /** Default: the rule's. */
  readonly level?: Level;
}

/** Booleans as some providers spell them. */
export const isTrue = (value: FactValue | undefined): boolean => value === true || value === "true";

export const isNotTrue = (value: FactValue | undefined): boolean => !isTrue(value);

/** True for a number from `least` on. */
export const isAtLeast =
  (least: number) =>
  (value: FactValue | undefined): boolean =>
    typeof value === "number" && value >= least;

/** True for a resource that the stack itself declares and that exists at a vendor. */
export const isDeclared = ({ custom, external, type }: ResourceFact): boolean =>
  custom && !external && !type.startsWith("pulumi:");

/** What a resource does not fulfil, or what cannot be told yet. */
export function* unmet(
  expectations: readonly Expectation[],
  resource: ResourceFact,
): Generator<Finding> {
  if (!isDeclared(resource)) return;
  for (const { types, path, accepts, message, except, level } of expectations) {
    if (!types.includes(resource.type) || except?.(resource)) continue;
    const value = propertyOf(resource, path);
    const found = { urn: resource.urn, path, level };
    if (value instanceof Unknown) {
      yield { ...found, status: "undecided", message: `The value of ${path} is not known yet.` };
    } else if (!accepts(value)) {
      yield { ...found, status: "violation", message };
    }
  }
}
