import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { configuredRotation, planRotation, type Rotation } from "../../components/secret.ts";
import { entropyBits, generatorArgs } from "../../components/secret-strength.ts";

const NOW = new Date("2026-02-15T12:00:00Z");
const plan = (rotation: Rotation) => planRotation("s", rotation, NOW);

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
  it("is read from the configuration, dates without quotes included", () => {
    pulumi.runtime.setAllConfig({
      "shop:keyVersion": "2",
      // What Pulumi makes of `shop:keyGraceUntil: 2026-03-01`.
      "shop:keyGraceUntil": "2026-03-01 00:00:00 +0000 UTC",
    });
    const rotation = configuredRotation(new pulumi.Config("shop"), "key");
    expect(rotation).toEqual({ version: 2, graceUntil: "2026-03-01T00:00:00Z" });
    expect(plan(rotation)).toEqual({ keep: 1, expose: true });
  });

  it("has nothing before version 1", () => {
    expect(plan({ version: 1 })).toEqual({ keep: undefined, expose: false });
  });

  it("keeps and exposes the value before until the grace period ends", () => {
    expect(plan({ version: 2, graceUntil: "2026-02-16" })).toEqual({ keep: 1, expose: true });
    expect(plan({ version: 2, graceUntil: "2026-02-15T12:00:01Z" })).toEqual({
      keep: 1,
      expose: true,
    });
  });

  it("drops it once the grace period has ended", () => {
    expect(plan({ version: 2, graceUntil: "2026-02-15T12:00:00Z" })).toEqual({
      keep: undefined,
      expose: false,
    });
  });

  it("takes it out of use at once without a grace period", () => {
    expect(plan({ version: 3 })).toEqual({ keep: 2, expose: false });
  });

  it("keeps the version that was really in use, where one was skipped", () => {
    const skipped = { version: 3, previousVersion: 1 };
    expect(plan({ ...skipped, graceUntil: "2026-02-16" })).toEqual({ keep: 1, expose: true });
    expect(plan(skipped)).toEqual({ keep: 1, expose: false });
  });

  it.each([0, 1.5, 2, 3])("refuses %s as the version before 2", (previousVersion) => {
    expect(() => plan({ version: 2, previousVersion })).toThrow(
      `The previous version ${previousVersion} of the secret s`,
    );
  });

  it.each(["tomorrow", "2026-02-30", "16.02.2026", "2026-02-16T12:00:00"])(
    "refuses %s as a date",
    (text) => {
      expect(() => plan({ version: 2, graceUntil: text })).toThrow(`graceUntil "${text}"`);
    },
  );

  it("refuses a grace period before any rotation, and a version that cannot be counted", () => {
    expect(() => plan({ version: 1, graceUntil: "2026-02-16" })).toThrow("at version 1");
    expect(() => plan({ version: 0 })).toThrow("whole number above zero");
  });
});
