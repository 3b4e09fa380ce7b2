/** Rows and rules that the random resources share. */
import type { CheckFailure } from "../../../../providers/sdk/check.ts";
import { defineResource } from "../../../../providers/sdk/definition.ts";
import type { InputsOf, Properties } from "../../../../providers/sdk/properties.ts";
import type { RevealedMap } from "../../../../providers/sdk/values.ts";
import type { Alphabet } from "../sampling.ts";

/** {@link defineResource}; nothing here has a vendor. */
export const define = defineResource<undefined>();

/** Id of a resource whose value must not be one: ids are not secret. */
export const NO_ID = "none";

/** Values whose change asks for a new random value. */
export const keepers = {
  type: { map: "string" },
  mode: "optional",
  replace: true,
  unset: {},
  doc: "Arbitrary map of values that, when changed, will trigger recreation of the resource.",
} as const;

const included = (kind: string) =>
  ({
    type: "boolean",
    mode: "optional",
    replace: true,
    unset: true,
    doc: `Include ${kind} in the result. Default true.`,
  }) as const;

const minimum = (kind: string) =>
  ({
    type: "integer",
    mode: "optional",
    replace: true,
    unset: 0,
    doc: `Minimum number of ${kind} in the result. Default 0.`,
  }) as const;

/** Inputs of a password or string. */
export const alphabetProperties = {
  length: {
    type: "integer",
    mode: "required",
    replace: true,
    doc: "The length of the result: at least 1, and at least the sum of the minimums.",
  },
  lower: included("lowercase alphabet characters"),
  upper: included("uppercase alphabet characters"),
  numeric: included("numeric characters"),
  number: {
    type: "boolean",
    mode: "optional",
    replace: true,
    doc: "Include numeric characters in the result.",
    deprecated: "Use numeric instead.",
  },
  special: included("special characters"),
  minLower: minimum("lowercase alphabet characters"),
  minUpper: minimum("uppercase alphabet characters"),
  minNumeric: minimum("numeric characters"),
  minSpecial: minimum("special characters"),
  overrideSpecial: {
    type: "string",
    mode: "optional",
    replace: true,
    unset: "",
    doc: "The special characters to use instead of the default ones.",
  },
  keepers,
} as const satisfies Properties;

/** The alphabet that inputs ask for, defaults filled in. */
export function alphabetOf(inputs: InputsOf<typeof alphabetProperties>): Alphabet {
  return {
    length: inputs.length,
    lower: inputs.lower ?? true,
    upper: inputs.upper ?? true,
    numeric: inputs.numeric ?? inputs.number ?? true,
    special: inputs.special ?? true,
    minLower: inputs.minLower ?? 0,
    minUpper: inputs.minUpper ?? 0,
    minNumeric: inputs.minNumeric ?? 0,
    minSpecial: inputs.minSpecial ?? 0,
    overrideSpecial: inputs.overrideSpecial,
  };
}

/** Lengths that cannot be, and alphabets without a character. */
export function validateAlphabet(inputs: RevealedMap): CheckFailure[] {
  const number = (name: string) => {
    const value = inputs[name];
    return typeof value === "number" ? value : 0;
  };
  const minimums = ["minLower", "minUpper", "minNumeric", "minSpecial"];
  const sum = minimums.reduce((total, name) => total + number(name), 0);
  if (typeof inputs.length === "number" && (inputs.length < 1 || inputs.length < sum))
    return [
      {
        property: "length",
        reason: `length is ${inputs.length}, and must be at least 1 and at least ${sum}, the sum of the minimums. Make it longer.`,
      },
    ];
  const numeric = inputs.numeric ?? inputs.number;
  if ([inputs.lower, inputs.upper, numeric, inputs.special].every((each) => each === false))
    return [
      {
        property: "lower",
        reason:
          "No kind of character is left to choose from. Set lower, upper, numeric or special to true.",
      },
    ];
  return [];
}

/** A byte count that cannot be. */
export function validateBytes(inputs: RevealedMap, name: "length" | "byteLength"): CheckFailure[] {
  const value = inputs[name];
  if (typeof value !== "number" || value >= 1) return [];
  return [
    { property: name, reason: `${name} is ${value}, and must be at least 1. Make it longer.` },
  ];
}
