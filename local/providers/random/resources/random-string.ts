import { sample } from "../sampling.ts";
import { alphabetOf, alphabetProperties, define, validateAlphabet } from "./shared.ts";

/** `random.RandomString`. Source: https://www.pulumi.com/registry/packages/random/api-docs/randomstring/ */
export const randomString = define({
  token: "random:index/randomString:RandomString",
  title: "random string",
  doc: "A random string that is not a secret.",
  identity: [],
  importFormat: "<string>",
  properties: {
    ...alphabetProperties,
    result: { type: "string", mode: "output", doc: "The generated random string." },
  },
  validate: validateAlphabet,
  parseImportId: (id) =>
    id === "" ? undefined : { id, state: { length: [...id].length, result: id } },
  async create(_context, inputs) {
    const result = sample(alphabetOf(inputs));
    return { id: result, state: { result } };
  },
  read: async (_context, id) => ({ id, state: {} }),
  async delete() {},
});
