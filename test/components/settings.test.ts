import { describe, expect, it } from "vitest";
import { chosenSystems, readSettings } from "../../components/settings.ts";

const KNOWN = ["qhub", "cutty"] as const;
const NOTHING = {
  systems: undefined,
  tier: undefined,
  protect: undefined,
  operatorAddresses: undefined,
};

describe("the systems of a stack", () => {
  const config = { get: () => '["qhub"]' };

  it("are those of the shell on the local cloud, and of the configuration elsewhere", () => {
    const env = { BULKHEAD_CLOUD: "local", BULKHEAD_SYSTEMS: "qhub, cutty" };
    expect(chosenSystems(config, env)).toBe('["qhub","cutty"]');
    expect(chosenSystems(config, { ...env, BULKHEAD_CLOUD: "vendor" })).toBe('["qhub"]');
    expect(chosenSystems(config, { ...env, BULKHEAD_CLOUD: undefined })).toBe('["qhub"]');
    expect(chosenSystems(config, { BULKHEAD_CLOUD: "local" })).toBe('["qhub"]');
  });
});

describe("a stack's settings", () => {
  it("default to every system, the tier of the name, and protection in production only", () => {
    expect(readSettings("production", NOTHING, KNOWN)).toEqual({
      systems: ["qhub", "cutty"],
      tier: "production",
      protectData: true,
      operatorAddresses: [],
    });
    expect(readSettings("pr-123", NOTHING, KNOWN)).toMatchObject({
      tier: "preview",
      protectData: false,
    });
  });

  it("follow the configuration", () => {
    const raw = {
      systems: '["cutty","cutty"]',
      tier: "production",
      protect: "false",
      operatorAddresses: '["203.0.113.7/32"]',
    };
    expect(readSettings("live", raw, KNOWN)).toEqual({
      systems: ["cutty"],
      tier: "production",
      protectData: false,
      operatorAddresses: ["203.0.113.7/32"],
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
    [{ operatorAddresses: "any" }, 'bulkhead:operatorAddresses is "any", which is no list'],
    [{ operatorAddresses: '["0.0.0.0/0"]' }, 'has "0.0.0.0/0", which is no IPv4 range of /8'],
    [{ operatorAddresses: '["203.0.113.7"]' }, 'has "203.0.113.7", which is no IPv4 range'],
  ])("refuse %o with the key, the value and how to correct it", (raw, message) => {
    const read = () => readSettings("dev", { ...NOTHING, ...raw }, KNOWN);
    expect(read).toThrow(message);
    expect(read).toThrow(
      /Correct it: pulumi config set .* --stack dev|Correct the list in Pulumi\.dev\.yaml/,
    );
  });
});
