import { randomUUID } from "node:crypto";
import { define, keepers } from "./shared.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `random.RandomUuid`. Source: https://www.pulumi.com/registry/packages/random/api-docs/randomuuid/ */
export const randomUuid = define({
  token: "random:index/randomUuid:RandomUuid",
  title: "random UUID",
  doc: "A random version 4 UUID.",
  identity: [],
  importFormat: "<uuid>",
  properties: {
    keepers,
    result: { type: "string", mode: "output", doc: "The generated UUID." },
  },
  parseImportId: (id) => (UUID.test(id) ? { id, state: { result: id } } : undefined),
  async create() {
    const result = randomUUID();
    return { id: result, state: { result } };
  },
  read: async (_context, id) => ({ id, state: {} }),
  async delete() {},
});
