import { describe, expect, it } from "vitest";
import { planRotation } from "../../components/secret.ts";
import { entropyBits, generatorArgs } from "../../components/secret-strength.ts";

const NOW = new Date("2026-02-15T12:00:00Z");

describe("the strength of a secret", () => {
  it("is 381 bits by default length and alphabet", () => {
    expect(Math.floor(entropyBits(64, "alphanumeric"))).toBe(381);
  });

  it.each([
    ["alphanumeric", 22],
    ["base64url", 22],
    ["hex", 32],
  ] as const)("needs 128 bits: %s from %i characters on", (alphabet, length) => {
    expect(generatorArgs("s", length, alphabet).length).toBe(length);
    expect(() => generatorArgs("s", length - 1, alphabet)).toThrow(
      `128 are needed. Use a whole number of at least ${length} characters (${alphabet}).`,
    );
  });

  it("refuses a length that is no number of characters", () => {
    expect(() => generatorArgs("s", 64.5, "hex")).toThrow("The length 64.5 of the secret s");
    expect(() => generatorArgs("s", Number.NaN, "hex")).toThrow("The length NaN of the secret s");
  });
});

describe("the rotation of a secret", () => {
  it("has nothing before version 1", () => {
    expect(planRotation("s", 1, undefined, NOW)).toEqual({ keep: undefined, expose: false });
  });

  it("keeps and exposes the value before until the grace period ends", () => {
    expect(planRotation("s", 2, "2026-02-16", NOW)).toEqual({ keep: 1, expose: true });
    expect(planRotation("s", 2, "2026-02-15T12:00:01Z", NOW)).toEqual({ keep: 1, expose: true });
  });

  it("drops it once the grace period has ended", () => {
    expect(planRotation("s", 2, "2026-02-15T12:00:00Z", NOW)).toEqual({
      keep: undefined,
      expose: false,
    });
  });

  it("takes it out of use at once without a grace period", () => {
    expect(planRotation("s", 3, undefined, NOW)).toEqual({ keep: 2, expose: false });
  });

  it.each(["tomorrow", "2026-02-30", "16.02.2026", "2026-02-16T12:00:00"])(
    "refuses %s as a date",
    (text) => {
      expect(() => planRotation("s", 2, text, NOW)).toThrow(`graceUntil "${text}"`);
    },
  );

  it("refuses a grace period before any rotation, and a version that cannot be counted", () => {
    expect(() => planRotation("s", 1, "2026-02-16", NOW)).toThrow("at version 1");
    expect(() => planRotation("s", 0, undefined, NOW)).toThrow("whole number above zero");
  });
});
