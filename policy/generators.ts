/** Resources that make random values, and how many bits their arguments give. */
import type { FactMap, FactValue, ResourceFact } from "../isolation/facts.ts";
import { Unknown } from "../isolation/facts.ts";

/** Source: hashicorp/random, `internal/random/string.go` (its default special characters). */
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";
const DIGITS = "0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();

/** Bits of a version 4 UUID that are random (RFC 9562). */
const UUID_BITS = 122;
/** Bits of one word of a pet name, from lists of about a thousand. */
const PET_WORD_BITS = 10;

/** Undefined where an argument that decides is not known. */
type Bits = (inputs: FactMap) => number | undefined;

const GENERATORS: Readonly<Record<string, Bits>> = {
  "random:index/randomPassword:RandomPassword": characterBits,
  "random:index/randomString:RandomString": characterBits,
  "random:index/randomBytes:RandomBytes": ({ length }) => times(length, 8),
  "random:index/randomId:RandomId": ({ byteLength }) => times(byteLength, 8),
  "random:index/randomUuid:RandomUuid": () => UUID_BITS,
  "random:index/randomPet:RandomPet": ({ length = 2 }) => times(length, PET_WORD_BITS),
  "random:index/randomInteger:RandomInteger": ({ min, max }) =>
    typeof min === "number" && typeof max === "number" ? Math.log2(max - min + 1) : undefined,
};

/** Generators whose every result is a secret. */
const SECRET_GENERATORS: ReadonlySet<string> = new Set([
  "random:index/randomPassword:RandomPassword",
  "random:index/randomBytes:RandomBytes",
]);

/** True for a resource that makes random values by its own. */
export const isGenerator = ({ type }: Pick<ResourceFact, "type">): boolean =>
  Object.hasOwn(GENERATORS, type);

/** True for a generator that was made for secrets. */
export const isSecretGenerator = ({ type }: Pick<ResourceFact, "type">): boolean =>
  SECRET_GENERATORS.has(type);

/** Bits of entropy that a generator's arguments give; undefined where they are not known. */
export function generatedBits({ type, inputs }: ResourceFact): number | undefined {
  return GENERATORS[type]?.(inputs);
}

function characterBits(inputs: FactMap): number | undefined {
  const { length, lower, upper, numeric = inputs.number, special, overrideSpecial } = inputs;
  const flags = [lower, upper, numeric, special, overrideSpecial];
  if (typeof length !== "number" || flags.some((flag) => flag instanceof Unknown)) return undefined;
  const specials =
    typeof overrideSpecial === "string" && overrideSpecial !== "" ? overrideSpecial : SPECIAL;
  const alphabet = new Set([
    ...(lower === false ? "" : LOWER),
    ...(upper === false ? "" : UPPER),
    ...(numeric === false ? "" : DIGITS),
    ...(special === false ? "" : specials),
  ]);
  return alphabet.size < 2 ? 0 : length * Math.log2(alphabet.size);
}

const times = (value: FactValue | undefined, bits: number): number | undefined =>
  typeof value === "number" ? value * bits : undefined;
