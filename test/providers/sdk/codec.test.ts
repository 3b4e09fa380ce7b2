import fc from "fast-check";
import { expect, test } from "vitest";
import { decode, encode } from "../../../providers/sdk/codec.ts";
import {
  Asset,
  containsSecret,
  containsUnknown,
  OutputValue,
  type PropertyValue,
  ResourceReference,
  reveal,
  Secret,
  UNKNOWN,
} from "../../../providers/sdk/values.ts";

const { value: anyValue } = fc.letrec<{ value: PropertyValue }>((tie) => {
  const value = tie("value");
  const key = fc.string({ maxLength: 6 }).filter((each) => each !== "__proto__");
  return {
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      fc.constant(null),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0 || 0),
      fc.string(),
      fc.constant(UNKNOWN),
      fc.array(value, { maxLength: 3 }),
      fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true }),
      value.map((each) => new Secret(each)),
      fc
        .tuple(fc.option(value, { nil: undefined }), fc.boolean(), fc.array(fc.string()))
        .filter(([each]) => each !== UNKNOWN)
        .map(([each, secret, urns]) => new OutputValue(each, secret, urns)),
      fc.string().map((text) => new Asset("asset", { text })),
      fc.string().map((path) => new Asset("archive", { path })),
      fc.string().map((urn) => new ResourceReference({ urn })),
    ),
  };
});

test("every value survives the way to the engine and back", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      expect(decode(JSON.parse(JSON.stringify(encode(value))))).toEqual(value);
    }),
  );
});

test("a revealed value holds no secret, and is unknown where the tagged one is", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const revealed = reveal(value);
      expect(containsSecret(revealed as PropertyValue)).toBe(false);
      if (!containsUnknown(revealed))
        expect(JSON.stringify(encode(revealed as PropertyValue))).not.toContain("04da6b54");
    }),
  );
});

test("unknowns of every type are understood", () => {
  for (const each of [
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
  ])
    expect(decode(each)).toBe(UNKNOWN);
});

test("a signature of a newer engine is refused, not taken for data", () => {
  expect(() => decode({ "4dabf18193072939515e22adb298388d": "something else" })).toThrow(
    /unknown signature "something else"/,
  );
});
