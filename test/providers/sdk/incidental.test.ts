import { expect, test } from "vitest";
import { defineResource } from "../../../providers/sdk/definition.ts";
import { Provider } from "../../../providers/sdk/provider.ts";
import { parseUrn } from "../../../providers/sdk/target.ts";

/** A disk whose vendor counts what others write to it, and attaches it on others' behalf. */
const disk = defineResource<undefined>()({
  token: "test:index/disk:Disk",
  title: "disk",
  doc: "A disk.",
  identity: [],
  importFormat: "<id>",
  properties: {
    size: { type: "integer", mode: "required", doc: "Size." },
    servers: {
      type: { array: "string" },
      mode: "inherited",
      incidental: true,
      doc: "Servers that have it.",
    },
    writes: { type: "integer", mode: "output", incidental: true, doc: "Writes so far." },
    place: { type: "string", mode: "output", doc: "Where it is." },
  },
  parseImportId: (id) => ({ id, state: {} }),
  create: async () => ({ id: "disk", state: {} }),
  read: async (_context, id) => ({
    id,
    state: { size: 10, servers: ["other"], writes: 7, place: "here" },
  }),
  update: async () => ({ servers: ["other"], writes: 7 }),
  async delete() {},
});

const provider = new Provider<undefined>({
  name: "test",
  version: "1.0.0",
  doc: "",
  npmPackage: "test",
  config: {},
  resources: [disk],
  functions: [],
  connect: () => undefined,
  endpoint: () => "test",
  toFault: () => undefined,
});
const target = parseUrn("urn:pulumi:dev::p::test:index/disk:Disk::main");
const KNOWN = { size: 10, servers: [], writes: 0, place: "here" };

test("a refresh keeps what others change without touching the resource", async () => {
  const { inputs, outputs } = await provider.read(target, "disk", { size: 10 }, KNOWN);
  expect(inputs).toEqual({ size: 10 });
  expect(outputs).toEqual(KNOWN);
});

test("a refresh shows it where the program sets it, and everything else that is new", async () => {
  const set = { ...KNOWN, servers: ["mine"], place: "there" };
  const { inputs, outputs } = await provider.read(
    target,
    "disk",
    { size: 10, servers: ["mine"] },
    set,
  );
  expect(inputs).toEqual({ size: 10, servers: ["other"] });
  expect(outputs).toEqual({ ...KNOWN, servers: ["other"] });
});

test("an import, an update and a state that lacks it take what there is", async () => {
  const now = { size: 10, servers: ["other"], writes: 7, place: "here" };
  expect((await provider.read(target, "disk", {}, {})).outputs).toEqual(now);
  const old = { inputs: { size: 5 }, state: { ...KNOWN, size: 5 } };
  expect(await provider.update(target, "disk", old, { size: 10 })).toEqual(now);
  const { writes: _, ...lacking } = KNOWN;
  const read = await provider.read(target, "disk", { size: 10 }, lacking);
  expect(read.outputs).toEqual({ ...KNOWN, writes: 7 });
});
