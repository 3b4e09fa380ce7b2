import { randomBytes } from "node:crypto";
import { define, keepers, validateBytes } from "./shared.ts";

/** `random.RandomId`. Source: https://www.pulumi.com/registry/packages/random/api-docs/randomid/ */
export const randomId = define({
  token: "random:index/randomId:RandomId",
  title: "random id",
  doc: "Random bytes as an identifier, in several spellings.",
  identity: [],
  importFormat: "<b64_url> or <prefix>,<b64_url>",
  properties: {
    byteLength: {
      type: "integer",
      mode: "required",
      replace: true,
      doc: "The number of random bytes to produce, at least 1.",
    },
    prefix: {
      type: "string",
      mode: "optional",
      replace: true,
      doc: "Arbitrary string to prefix the output values with.",
    },
    keepers,
    b64Url: { type: "string", mode: "output", doc: "The id in base64 with URL-safe characters." },
    b64Std: { type: "string", mode: "output", doc: "The id in base64." },
    hex: { type: "string", mode: "output", doc: "The id in hexadecimal digits, padded." },
    dec: { type: "string", mode: "output", doc: "The id in non-padded decimal digits." },
  },
  validate: (inputs) => validateBytes(inputs, "byteLength"),
  parseImportId(id) {
    const comma = id.lastIndexOf(",");
    const [prefix, encoded] = comma < 0 ? ["", id] : [id.slice(0, comma), id.slice(comma + 1)];
    const bytes = Buffer.from(encoded, "base64url");
    if (bytes.length === 0 || bytes.toString("base64url") !== encoded) return undefined;
    const state = { byteLength: bytes.length, ...(prefix ? { prefix } : {}) };
    return { id: encoded, state: { ...state, ...spellings(bytes, prefix) } };
  },
  async create(_context, inputs) {
    const bytes = randomBytes(inputs.byteLength);
    return { id: bytes.toString("base64url"), state: spellings(bytes, inputs.prefix ?? "") };
  },
  read: async (_context, id) => ({ id, state: {} }),
  async delete() {},
});

function spellings(bytes: Buffer, prefix: string) {
  const hex = bytes.toString("hex");
  return {
    b64Url: prefix + bytes.toString("base64url"),
    b64Std: prefix + bytes.toString("base64"),
    hex: prefix + hex,
    dec: prefix + BigInt(`0x${hex}`).toString(),
  };
}
