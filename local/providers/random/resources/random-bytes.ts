import { randomBytes as generate } from "node:crypto";
import { define, keepers, NO_ID, validateBytes } from "./shared.ts";

/** `random.RandomBytes`. Source: https://www.pulumi.com/registry/packages/random/api-docs/randombytes/ */
export const randomBytes = define({
  token: "random:index/randomBytes:RandomBytes",
  title: "random bytes",
  doc: "Random bytes, secret in state and outputs.",
  identity: [],
  importFormat: "<base64>",
  properties: {
    length: {
      type: "integer",
      mode: "required",
      replace: true,
      doc: "The number of bytes requested, at least 1.",
    },
    keepers,
    base64: { type: "string", mode: "output", secret: true, doc: "The bytes in base64." },
    hex: { type: "string", mode: "output", secret: true, doc: "The bytes in lowercase hex." },
  },
  validate: (inputs) => validateBytes(inputs, "length"),
  parseImportId(id) {
    const bytes = Buffer.from(id, "base64");
    if (bytes.length === 0 || bytes.toString("base64") !== id) return undefined;
    return { id: NO_ID, state: { length: bytes.length, ...spellings(bytes) } };
  },
  create: async (_context, inputs) => ({ id: NO_ID, state: spellings(generate(inputs.length)) }),
  read: async (_context, id) => ({ id, state: {} }),
  async delete() {},
});

function spellings(bytes: Buffer) {
  return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
}
