import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defineResource } from "../../../providers/sdk/definition.ts";
import { ProviderError, UnfinishedError, VendorFault } from "../../../providers/sdk/fault.ts";
import { Journal } from "../../../providers/sdk/journal.ts";
import { InitFailed, Provider } from "../../../providers/sdk/provider.ts";
import { parseUrn } from "../../../providers/sdk/target.ts";
import { reveal, Secret } from "../../../providers/sdk/values.ts";

/** A vendor of servers that start slowly: `create` answers at once, `finish` by what `state` says. */
const vendor = { state: "creating", created: 0, refused: false, cutOff: false };
const server = defineResource<undefined>()({
  token: "test:index/server:Server",
  title: "server",
  doc: "A server.",
  identity: ["name"],
  properties: {
    name: { type: "string", mode: "required", autoname: { maxLength: 12 }, doc: "Name." },
    size: { type: "string", mode: "optional", doc: "Size." },
    password: { type: "string", mode: "output", secret: true, doc: "Password." },
    host: { type: "string", mode: "output", doc: "Host." },
  },
  async create(_context, inputs) {
    vendor.created++;
    if (vendor.cutOff) {
      // The run ends here: neither is the request repeated nor anything looked up.
      provider.connection.cancel();
      throw new VendorFault("lost", "the answer was lost");
    }
    return { id: `id-of-${inputs.name}`, state: { password: "swordfish" } };
  },
  async finish({ what }, live) {
    if (vendor.refused) throw new VendorFault("refused", "not today");
    if (vendor.state !== "online") throw new ProviderError(`The ${what} is not ready.`);
    return { ...live, state: { ...live.state, host: "127.64.0.1" } };
  },
  async read(_context, id) {
    const live = { id, state: { host: "127.64.0.1" } };
    if (vendor.state !== "online") throw new UnfinishedError("It is still being created.", live);
    return live;
  },
  async delete() {},
  findExisting: async (_context, inputs) =>
    vendor.created > 0
      ? { id: `id-of-${inputs.name}`, state: {}, createdAt: new Date() }
      : undefined,
});

const target = parseUrn("urn:pulumi:dev::p::test:index/server:Server::main");
let folder: string;
let provider: Provider<undefined>;
beforeEach(() => {
  Object.assign(vendor, { state: "creating", created: 0, refused: false });
  folder = mkdtempSync(join(tmpdir(), "journal-"));
  const definition = {
    name: "test",
    version: "1.0.0",
    doc: "",
    npmPackage: "test",
    config: {},
    resources: [server],
    functions: [],
    connect: () => undefined,
    endpoint: () => "http://vendor",
    toFault: () => undefined,
  };
  provider = new Provider(definition, new Journal(folder));
});
afterEach(() => rmSync(folder, { recursive: true }));

const unfinished = async (work: Promise<unknown>): Promise<InitFailed> => {
  const error = await work.catch((each: unknown) => each);
  if (!(error instanceof InitFailed)) throw error;
  return error;
};

test("a resource that was made and is not ready is kept with its id, inputs and secret outputs", async () => {
  const { result, message } = await unfinished(provider.create(target, { name: "main" }));
  expect(message).toBe('The server "main" (test:index/server:Server) is not ready.');
  expect(result.id).toBe("id-of-main");
  expect(result.inputs).toEqual({ name: "main" });
  expect(result.outputs.password).toBeInstanceOf(Secret);
});

test("a refusal after the creation keeps the id too", async () => {
  vendor.refused = true;
  const { result, message } = await unfinished(provider.create(target, { name: "main" }));
  expect(result.id).toBe("id-of-main");
  expect(message).toContain("exists, but could not be finished: not today");
});

test("the next update finishes it, although the resource has no update of its own", async () => {
  const { result } = await unfinished(provider.create(target, { name: "main" }));
  const old = { inputs: result.inputs, state: result.outputs };
  await unfinished(provider.update(target, result.id, old, result.inputs));
  vendor.state = "online";
  const outputs = await provider.update(target, result.id, old, result.inputs);
  expect(outputs.host).toBe("127.64.0.1");
  expect(reveal(outputs.password ?? null)).toBe("swordfish");
  expect(vendor.created).toBe(1);
});

test("what an interrupted run has created is finished too when the next run adopts it", async () => {
  vendor.cutOff = true;
  await expect(provider.create(target, { name: "main" })).rejects.toThrow(/answer was lost/);
  vendor.cutOff = false;
  vendor.state = "online";
  const { outputs } = await provider.create(target, { name: "main" });
  expect(outputs.host).toBe("127.64.0.1");
  expect(vendor.created).toBe(1);
});

test("a refresh meanwhile does not take it for finished", async () => {
  const { result } = await unfinished(provider.create(target, { name: "main" }));
  const read = () => provider.read(target, result.id, result.inputs, result.outputs);
  expect((await unfinished(read())).result.inputs).toEqual({ name: "main" });
  vendor.state = "online";
  expect((await read()).outputs.host).toBe("127.64.0.1");
});

test("a name left out is the resource's with random digits, and stays what it is", () => {
  const naming = { seed: new Uint8Array([1, 2, 3]), mode: "propose" } as const;
  const { inputs, failures } = provider.check(target, {}, {}, naming);
  expect(failures).toEqual([]);
  expect(inputs.name).toMatch(/^main-[0-9a-f]{7}$/);
  const again = provider.check(target, inputs, {}, { ...naming, seed: new Uint8Array([4]) });
  expect(again.inputs.name).toBe(inputs.name);
  const long = parseUrn("urn:pulumi:dev::p::test:index/server:Server::a-very-long-name");
  expect(provider.check(long, {}, {}, naming).inputs.name).toMatch(/^a-ve-[0-9a-f]{7}$/);
  const proposed = { ...naming, proposed: "dev-main" };
  expect(provider.check(target, {}, {}, proposed).inputs.name).toBe("dev-main");
  const disabled = provider.check(target, {}, {}, { ...naming, mode: "disable" });
  expect(disabled.failures[0]?.reason).toContain('"name" is missing');
});
