import { describe, expect, it } from "vitest";
import { tierOfStackName } from "../../components/tier.ts";

describe("the tier of a stack's name", () => {
  it.each([
    ["dev", "development"],
    ["staging", "staging"],
    ["production", "production"],
    ["eu-prod", "production"],
    ["EU_STG.2", "staging"],
    ["pr-123", "preview"],
    ["demo", "preview"],
    ["reproduction", "preview"],
    ["devious", "preview"],
  ])("%s is %s, by whole tokens (T20)", (stack, tier) => {
    expect(tierOfStackName(stack)).toBe(tier);
  });

  it("is refused when the name spells several (T12)", () => {
    expect(() => tierOfStackName("api-staging-production")).toThrow(
      "spells more than one tier (staging, production). Say which one it is: pulumi config set bulkhead:tier",
    );
  });
});
