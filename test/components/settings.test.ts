import { describe, expect, it } from "vitest";
import { readSettings } from "../../components/settings.ts";

const KNOWN = ["qhub", "cutty"] as const;
const NOTHING = { systems: undefined, tier: undefined, protect: undefined };

describe("a stack's settings", () => {
  it("default to every system, the tier of the name, and protection in production only", () => {
    expect(readSettings("production", NOTHING, KNOWN)).toEqual({
      systems: ["qhub", "cutty"],
      tier: "production",
      protectData: true,
    });
    expect(readSettings("pr-123", NOTHING, KNOWN)).toMatchObject({
      tier: "preview",
      protectData: false,
    });
  });

  it("follow the configuration", () => {
    const raw = { systems: '["cutty","cutty"]', tier: "production", protect: "false" };
    expect(readSettings("live", raw, KNOWN)).toEqual({
      systems: ["cutty"],
      tier: "production",
      protectData: false,
    });
  });

  it.each(["production", "eu-production", "prod.2"])(
    "never leave %s unprotected by a tier that was copied from another stack",
    (stack) => {
      const copied = { ...NOTHING, tier: "development" };
      expect(() => readSettings(stack, copied, KNOWN)).toThrow(
        `The stack name ${stack} spells production, but bulkhead:tier is development`,
      );
      for (const protect of [true, false]) {
        const meant = { ...copied, protect: String(protect) };
        expect(readSettings(stack, meant, KNOWN).protectData).toBe(protect);
      }
      expect(readSettings("reproduction", copied, KNOWN).protectData).toBe(false);
    },
  );

  it.each([
    [{ tier: "prod" }, 'bulkhead:tier is "prod", which is no tier'],
    [{ protect: "yes" }, 'bulkhead:protect is "yes", which is neither true nor false'],
    [{ systems: "qhub" }, 'bulkhead:systems is "qhub", which is no list of systems'],
    [{ systems: "[]" }, 'bulkhead:systems is "[]", which is no list of systems'],
    [{ systems: '["qub"]' }, 'bulkhead:systems names "qub", which is no system here (qhub, cutty)'],
  ])("refuse %o with the key, the value and how to correct it", (raw, message) => {
    const read = () => readSettings("dev", { ...NOTHING, ...raw }, KNOWN);
    expect(read).toThrow(message);
    expect(read).toThrow(
      /Correct it: pulumi config set .* --stack dev|Correct the list in Pulumi\.dev\.yaml/,
    );
  });
});
