import { hash } from "bcryptjs";
import { sample } from "../sampling.ts";
import { alphabetOf, alphabetProperties, define, NO_ID, validateAlphabet } from "./shared.ts";

/** Cost of the official provider's hash (golang.org/x/crypto/bcrypt.DefaultCost). */
const BCRYPT_COST = 10;

/** `random.RandomPassword`. Source: https://www.pulumi.com/registry/packages/random/api-docs/randompassword/ */
export const randomPassword = define({
  token: "random:index/randomPassword:RandomPassword",
  title: "random password",
  doc: "A random password, secret in state and outputs.",
  identity: [],
  importFormat: "<password>",
  properties: {
    ...alphabetProperties,
    result: { type: "string", mode: "output", secret: true, doc: "The generated random string." },
    bcryptHash: {
      type: "string",
      mode: "output",
      secret: true,
      doc: "A bcrypt hash of the generated random string, of its first 72 bytes.",
    },
  },
  validate: validateAlphabet,
  parseImportId: (id) =>
    id === "" ? undefined : { id: NO_ID, state: { length: [...id].length, result: id } },
  async create(_context, inputs) {
    const result = sample(alphabetOf(inputs));
    return { id: NO_ID, state: { result, bcryptHash: await hash(result, BCRYPT_COST) } };
  },
  async read(_context, id, { state }) {
    if (state.bcryptHash || !state.result) return { id, state: {} };
    return { id, state: { bcryptHash: await hash(state.result, BCRYPT_COST) } };
  },
  // Nothing exists outside the state.
  async delete() {},
});
