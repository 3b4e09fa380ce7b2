import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  CREATION_WINDOW_MS,
  createOnce,
  hashInputs,
  INTENT_LIFETIME_MS,
} from "../../../providers/sdk/create.ts";
import type { AnyResource, LooseExisting, LooseLive } from "../../../providers/sdk/definition.ts";
import { type FaultKind, VendorFault } from "../../../providers/sdk/fault.ts";
import { Journal } from "../../../providers/sdk/journal.ts";
import { Secret } from "../../../providers/sdk/values.ts";

const START = new Date("2026-01-01T12:00:00Z");
const inputs = { accountId: "acc", name: "orders" };
let folder: string;
let deleted: string[] = [];

beforeEach(async () => {
  deleted = [];
  folder = await mkdtemp(join(tmpdir(), "journal-"));
});
afterEach(() => rm(folder, { recursive: true }));

const fail = (kind: FaultKind) => () =>
  Promise.reject(new VendorFault(kind, `vendor says ${kind}`));
const succeed = () => Promise.resolve({ id: "made", state: {} });
const madeAt = (seconds: number) => ({
  id: "found",
  state: { name: "orders" },
  createdAt: new Date(START.getTime() + seconds * 1000),
});

/** One run of the plugin: the vendor answers with `steps` in turn. */
function run(
  steps: (() => Promise<LooseLive>)[],
  options: {
    found?: LooseExisting;
    given?: typeof inputs;
    creationTimeUnknown?: true;
    secretToldOnce?: true;
    at?: Date;
  } = {},
): Promise<LooseLive> {
  const { found, given = inputs, at = START, ...flags } = options;
  const resource: AnyResource<undefined> = {
    token: "test:index:Db",
    title: "database",
    doc: "",
    properties: {},
    identity: [],
    importFormat: "<account_id>/<database_id>",
    create: () => (steps.shift() ?? fail("unavailable"))(),
    read: async () => undefined,
    delete: async (_context, id) => {
      deleted.push(id);
    },
    findExisting: async () => found,
    ...flags,
  };
  const aborted = new AbortController();
  if (steps.length === 1) aborted.abort();
  return createOnce({
    resource,
    context: {
      client: undefined,
      urn: "urn:x",
      what: `database "db" (${resource.token})`,
      signal: aborted.signal,
      log: () => {},
      fault: (error) => (error instanceof VendorFault ? error : undefined),
    },
    name: "db",
    inputs: given,
    endpoint: "http://vendor",
    inputsHash: hashInputs(given),
    journal: new Journal(folder),
    now: () => at,
  });
}

const openIntents = () => readdir(folder);

test("a creation that is refused leaves no intent", async () => {
  await expect(run([fail("refused")])).rejects.toThrow(/vendor says refused/);
  expect(await openIntents()).toEqual([]);
});

const settle = (id: string) => new Journal(folder).settle("urn:x", "http://vendor", id);

test("a creation that succeeds leaves its intent until the engine names the id", async () => {
  expect((await run([succeed])).id).toBe("made");
  await settle("another");
  expect(await openIntents()).toHaveLength(1);
  await settle("made");
  expect(await openIntents()).toEqual([]);
});

test("what an engine created and forgot, because it was killed, is adopted by the next run", async () => {
  await run([succeed]);
  const found = { ...madeAt(1), id: "made" };
  expect((await run([fail("conflict")], { found })).id).toBe("made");
});

test("what took the place of a resource that was created is not adopted", async () => {
  await run([succeed]);
  await expect(run([fail("conflict")], { found: madeAt(1) })).rejects.toThrow(/pulumi import/);
  expect(await openIntents()).toEqual([]);
});

test("an intent whose outcome is not known is not settled by any id", async () => {
  await expect(run([fail("lost")])).rejects.toThrow();
  await settle("found");
  expect(await openIntents()).toHaveLength(1);
});

test("an answer that is lost leaves an intent; the next run adopts what was created since", async () => {
  await expect(run([fail("lost")])).rejects.toThrow(/vendor says lost/);
  expect(await openIntents()).toHaveLength(1);
  const adopted = await run([fail("conflict")], { found: madeAt(1) });
  expect(adopted.id).toBe("found");
  await settle("found");
  expect(await openIntents()).toEqual([]);
});

test("an answer that is lost and repeated within one run is adopted too", async () => {
  const adopted = await run([fail("lost"), fail("conflict")], { found: madeAt(0) });
  expect(adopted.id).toBe("found");
});

test("after a lost answer, what exists is looked up before anything is asked for again", async () => {
  expect((await run([fail("lost"), succeed], { found: madeAt(0) })).id).toBe("found");
});

test("what was created and whose secret was told once only is deleted and created again", async () => {
  const options = { found: madeAt(0), secretToldOnce: true } as const;
  expect((await run([fail("lost"), succeed], options)).id).toBe("made");
  expect(deleted).toEqual(["found"]);
  await expect(run([fail("conflict")], { ...options, found: madeAt(-60) })).rejects.toThrow(
    /pulumi import/,
  );
  expect(deleted).toEqual(["found"]);
});

test("what is older than the intent is never adopted", async () => {
  await expect(run([fail("lost")])).rejects.toThrow();
  await expect(run([fail("conflict")], { found: madeAt(-60) })).rejects.toThrow(
    /exists already and this stack did not create it.*pulumi import test:index:Db db 'acc\/found'/,
  );
});

test("what was asked for with other inputs is never adopted", async () => {
  await expect(run([fail("lost")])).rejects.toThrow();
  const given = { ...inputs, accountId: "other" };
  await expect(run([fail("conflict")], { found: madeAt(1), given })).rejects.toThrow(
    /pulumi import/,
  );
});

const later = (milliseconds: number) => new Date(START.getTime() + milliseconds);

test("what was created after the interrupted run can have done it is never adopted", async () => {
  await expect(run([fail("lost")])).rejects.toThrow();
  const found = madeAt(CREATION_WINDOW_MS / 1000 + 60);
  const at = later(CREATION_WINDOW_MS + 120_000);
  await expect(run([fail("conflict")], { found, at })).rejects.toThrow(/pulumi import/);
  expect(await openIntents()).toEqual([]);
});

test("an intent expires, so that what anybody has made since is never adopted", async () => {
  const options = { creationTimeUnknown: true } as const;
  await expect(run([fail("lost")], options)).rejects.toThrow();
  const at = later(INTENT_LIFETIME_MS + 1);
  const found = { id: "found", state: {} };
  await expect(run([succeed], { ...options, found, at })).rejects.toThrow(/pulumi import/);
  expect(await openIntents()).toEqual([]);
});

test("a run after an interrupted one that has created nothing begins anew", async () => {
  await expect(run([fail("lost")])).rejects.toThrow();
  const at = later(CREATION_WINDOW_MS + 60_000);
  await expect(run([fail("lost")], { at })).rejects.toThrow();
  const found = madeAt(at.getTime() / 1000 - START.getTime() / 1000 + 1);
  expect((await run([], { found, at: later(CREATION_WINDOW_MS + 90_000) })).id).toBe("found");
});

test("the order in which a map's names are written makes no difference, at any depth", () => {
  const one = { a: { x: 1, y: [{ b: 1, c: 2 }] }, d: 1 };
  const other = { d: 1, a: { y: [{ c: 2, b: 1 }], x: 1 } };
  expect(hashInputs(one)).toBe(hashInputs(other));
  expect(hashInputs({ ...one, a: { x: 1, y: [{ b: 1, c: 3 }] } })).not.toBe(hashInputs(one));
});

test("a taken name without an intent is never adopted, however new", async () => {
  await expect(run([fail("conflict")], { found: madeAt(5) })).rejects.toThrow(/pulumi import/);
  expect(await openIntents()).toEqual([]);
});

test("a vendor without creation times is asked first; adoption needs proof that the name was free", async () => {
  const options = { creationTimeUnknown: true } as const;
  const found = { id: "found", state: {} };
  await expect(run([succeed], { ...options, found })).rejects.toThrow(/pulumi import/);
  await expect(run([fail("lost")], options)).rejects.toThrow();
  expect((await run([fail("conflict")], { ...options, found })).id).toBe("found");
});

test("a request that never left is repeated and leaves no intent", async () => {
  expect((await run([fail("unavailable"), succeed])).id).toBe("made");
  await settle("made");
  expect(await openIntents()).toEqual([]);
});

test("an intent holds neither secrets nor their hash", async () => {
  const other = { a: new Secret("two"), b: 1 };
  expect(hashInputs({ a: new Secret("one"), b: 1 })).toBe(hashInputs(other));
  await expect(run([fail("lost")])).rejects.toThrow();
  const [file = ""] = await openIntents();
  const intent = JSON.parse(await readFile(join(folder, file), "utf8"));
  expect(Object.keys(intent)).toEqual([
    "urn",
    "endpoint",
    "inputsHash",
    "startedAt",
    "absentBefore",
  ]);
});
