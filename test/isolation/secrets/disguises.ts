import fc from "fast-check";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const ALPHABETS = {
  alphanumeric: `${LOWER}${LOWER.toUpperCase()}0123456789`,
  base64url: `${LOWER}${LOWER.toUpperCase()}0123456789-_`,
  hex: "0123456789abcdef",
  password: `${LOWER}${LOWER.toUpperCase()}0123456789!@#$%&*()-_=+[]{}<>:?`,
} as const;

/** A secret as a generator makes it, every character with the same probability. */
export const secretOf = (
  alphabet: keyof typeof ALPHABETS,
  minLength: number,
  maxLength = minLength,
): fc.Arbitrary<string> =>
  // Without bias and shrinking, which make sequences and repetitions.
  fc.noShrink(
    fc.noBias(
      fc.string({
        unit: fc.constantFrom(...ALPHABETS[alphabet]),
        minLength,
        maxLength,
        size: "max",
      }),
    ),
  );

interface Disguise {
  readonly name: string;
  readonly put: (text: string) => string;
  /** Disguises after which this one would destroy the value. */
  readonly notAfter?: readonly string[];
}

const ESCAPED = ["percent", "percent all", "json", "unicode escapes"];
const CASED = ["base64", "base64url"];
const WRAPPED = ["wrapped", "wrapped and indented"];

/** Ways to write a value so that it does not look the same, and can be read all the same. */
export const DISGUISES: readonly Disguise[] = [
  { name: "blanks", put: (text) => `  ${text}\r\n` },
  { name: "quotes", put: (text) => `"${text}"` },
  { name: "single quotes", put: (text) => `'${text}'` },
  {
    name: "wrapped",
    put: (text) => text.replace(/.{20}/g, "$&\n"),
    notAfter: [...ESCAPED, ...WRAPPED],
  },
  {
    name: "wrapped and indented",
    put: (text) => text.replace(/.{16}/g, "$&\r\n    "),
    notAfter: [...ESCAPED, ...WRAPPED],
  },
  { name: "percent", put: encodeURIComponent },
  { name: "percent all", put: (text) => hex(text).replace(/../g, "%$&") },
  { name: "base64", put: (text) => Buffer.from(text).toString("base64") },
  { name: "base64url", put: (text) => Buffer.from(text).toString("base64url") },
  { name: "hex", put: (text) => hex(text) },
  { name: "0xHEX", put: (text) => `0x${hex(text).toUpperCase()}` },
  { name: "he:xx", put: (text) => hex(text).replace(/..(?!$)/g, "$&:") },
  { name: "json", put: (text) => JSON.stringify(text).slice(1, -1) },
  {
    name: "unicode escapes",
    put: (text) =>
      text.replace(/./gs, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`),
  },
  { name: "lower case", put: (text) => text.toLowerCase(), notAfter: CASED },
  { name: "upper case", put: (text) => text.toUpperCase(), notAfter: CASED },
  { name: "reversed", put: (text) => [...text].reverse().join(""), notAfter: ESCAPED },
];

const hex = (text: string): string => Buffer.from(text).toString("hex");

/** One to three disguises, one over the other. */
export const anyDisguise: fc.Arbitrary<{ names: string[]; put: (text: string) => string }> = fc
  .array(fc.constantFrom(...DISGUISES), { minLength: 1, maxLength: 3 })
  .filter((layers) =>
    layers.every(({ notAfter = [] }, at) =>
      layers.slice(0, at).every(({ name }) => !notAfter.includes(name)),
    ),
  )
  .map((layers) => ({
    names: layers.map(({ name }) => name),
    put: (text) => layers.reduce((inner, { put }) => put(inner), text),
  }));

/** Places in which programs keep secrets among other things. */
export const PLACES: Readonly<Record<string, (text: string) => string>> = {
  alone: (text) => text,
  "the password of a URL": (text) =>
    `postgresql://app:${encodeURIComponent(text)}@db.example.com:25060/defaultdb?sslmode=require`,
  "the query of a URL": (text) =>
    `https://api.example.com/v1/hook?source=github&signature=${encodeURIComponent(text)}&v=2`,
  JSON: (text) =>
    JSON.stringify({ name: "api", auth: { user: "app", apiToken: text }, retries: 3 }),
  "JSON in JSON": (text) => JSON.stringify({ config: JSON.stringify({ password: text }) }),
  "a line of an environment file": (text) =>
    `NODE_ENV=production\nAPI_TOKEN='${text.replaceAll("'", "%27")}'\nLOG_LEVEL=info\n`,
  "an object of a program": (text) =>
    `export default {fetch(){return call({retries:3,apiKey:${JSON.stringify(text)},v:1})}}`,
};

export const shares = (left: readonly string[], right: readonly string[]): boolean =>
  left.some((fingerprint) => right.includes(fingerprint));
