/** Takes differences that mean nothing out of what a refresh found. */
import type { ResourceFact } from "../../isolation/facts.ts";
import type { FactChange } from "../engine/property-changes.ts";
import type { NoiseRule } from "./rule.ts";
import { NOISE_RULES } from "./rules.ts";

/** The rule that takes a changed output of a resource for harmless; undefined: it is drift. */
export function noiseRuleFor(
  { type }: Pick<ResourceFact, "type">,
  { path, before, after }: FactChange,
  rules: readonly NoiseRule[] = NOISE_RULES,
): NoiseRule | undefined {
  return rules.find(
    (rule) =>
      rule.types.includes(type) && rule.path.test(path) && (rule.when?.(before, after) ?? true),
  );
}
