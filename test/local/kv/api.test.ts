import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  refusalOf,
  startTestCloud,
  type TestCloud,
  type TestEnvironment,
} from "../../support/local-cloud.ts";

let cloud: TestCloud;
let staging: TestEnvironment;
let account_id: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
  account_id = staging.accountId;
});
afterAll(() => cloud.close());

const namespaces = () => staging.client.kv.namespaces;
const create = (title: string) => namespaces().create({ account_id, title });

describe("namespaces", () => {
  test("are created, read, renamed, listed by title and deleted", async () => {
    const { id } = await create("sessions");
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(await namespaces().get(id, { account_id })).toMatchObject({ id, title: "sessions" });
    await namespaces().update(id, { account_id, title: "renamed" });
    const other = await create("another");
    const titles: string[] = [];
    for await (const { title } of namespaces().list({ account_id, order: "title", per_page: 1 })) {
      titles.push(title);
    }
    expect(titles).toEqual(["another", "renamed"]);
    await namespaces().delete(id, { account_id });
    await namespaces().delete(other.id, { account_id });
    expect(await refusalOf(namespaces().get(id, { account_id }))).toMatchObject({
      status: 404,
      code: 10013,
    });
  });

  test("cannot share a title in one account, and can across accounts", async () => {
    const first = await create("shared");
    const second = await create("free");
    expect(await refusalOf(create("shared"))).toMatchObject({ status: 400, code: 10014 });
    expect(
      await refusalOf(namespaces().update(second.id, { account_id, title: "shared" })),
    ).toMatchObject({ code: 10014 });
    const production = cloud.environment("production");
    await production.client.kv.namespaces.create({
      account_id: production.accountId,
      title: "shared",
    });
    expect(
      await refusalOf(
        production.client.kv.namespaces.get(first.id, { account_id: production.accountId }),
      ),
    ).toMatchObject({ status: 404, code: 10013 });
    expect(
      await refusalOf(production.client.kv.namespaces.get(first.id, { account_id })),
    ).toMatchObject({ status: 403 });
  });

  test("need a title", async () => {
    expect(await refusalOf(create(" "))).toMatchObject({ status: 400, code: 10019 });
  });
});

describe("values", () => {
  let namespace_id: string;
  beforeAll(async () => {
    namespace_id = (await create("values")).id;
  });
  const values = () => staging.client.kv.namespaces.values;
  const put = (key: string, value: string, rest: object = {}) =>
    values().update(key, { account_id, namespace_id, value, ...rest });
  const get = async (key: string) => (await values().get(key, { account_id, namespace_id })).text();
  const url = (key: string) =>
    `${cloud.apiUrl}/client/v4/accounts/${account_id}/storage/kv/namespaces/${namespace_id}/values/${key}`;
  const authorization = () => ({ authorization: `Bearer ${staging.apiToken}` });

  test.each(["plain", "with space", "a/b/c", "plus+and&and?", "ключ", "100%"])(
    "are kept under the key %j",
    async (key) => {
      await put(key, `value of ${key}`);
      expect(await get(key)).toBe(`value of ${key}`);
      await values().delete(key, { account_id, namespace_id });
      expect(
        await refusalOf(values().get(key, { account_id, namespace_id }).asResponse()),
      ).toMatchObject({ status: 404, code: 10009 });
    },
  );

  test("may be any bytes, sent as they are", async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256);
    const stored = await fetch(url("raw"), {
      method: "PUT",
      headers: authorization(),
      body: bytes,
    });
    expect(stored.status).toBe(200);
    const back = await values().get("raw", { account_id, namespace_id });
    expect(Buffer.from(await back.arrayBuffer()).equals(bytes)).toBe(true);
    await fetch(url("empty"), { method: "PUT", headers: authorization(), body: "" });
    expect(await get("empty")).toBe("");
  });

  test("carry metadata and an expiration", async () => {
    const expiration = Math.floor(Date.now() / 1000) + 3600;
    await put("dated", "x", { metadata: JSON.stringify({ owner: "ada" }), expiration });
    expect(
      await staging.client.kv.namespaces.metadata.get("dated", { account_id, namespace_id }),
    ).toEqual({ owner: "ada" });
    const answer = await values().get("dated", { account_id, namespace_id }).asResponse();
    expect(answer.headers.get("expiration")).toBe(String(expiration));
    const { result } = await staging.client.kv.namespaces.keys.list(namespace_id, {
      account_id,
      prefix: "dated",
    });
    expect(result).toEqual([{ name: "dated", expiration, metadata: { owner: "ada" } }]);
  });

  test("are refused beyond the vendor's limits", async () => {
    expect(await refusalOf(put("short", "x", { expiration_ttl: 5 }))).toMatchObject({
      status: 400,
      message: expect.stringContaining("at least 60"),
    });
    expect(await refusalOf(put("k".repeat(513), "x"))).toMatchObject({ status: 400 });
    const large = await fetch(url("large"), {
      method: "PUT",
      headers: authorization(),
      body: new Uint8Array(25 * 1024 * 1024 + 1),
    });
    expect(large.status).toBe(413);
  });
});

describe("keys", () => {
  test("are written, listed over pages, read and deleted in bulk", async () => {
    const { id } = await create("bulk");
    const body = Array.from({ length: 25 }, (_, index) => ({
      key: `key-${String(index).padStart(2, "0")}`,
      value: `value ${index}`,
    }));
    const kv = staging.client.kv.namespaces;
    expect(
      await kv.bulkUpdate(id, {
        account_id,
        body: [...body, { key: "bytes", value: "AAEC", base64: true, metadata: { kind: "b" } }],
      }),
    ).toMatchObject({ successful_key_count: 26 });

    const listed: string[] = [];
    for await (const { name } of kv.keys.list(id, { account_id, prefix: "key-", limit: 10 })) {
      listed.push(name);
    }
    expect(listed).toEqual(body.map(({ key }) => key));

    expect(await kv.bulkGet(id, { account_id, keys: ["key-03", "missing"] })).toEqual({
      values: { "key-03": "value 3", missing: null },
    });
    expect(await kv.bulkGet(id, { account_id, keys: ["bytes"], withMetadata: true })).toEqual({
      values: { bytes: { value: "\u0000\u0001\u0002", metadata: { kind: "b" } } },
    });

    await kv.bulkDelete(id, { account_id, body: listed });
    const { result } = await kv.keys.list(id, { account_id });
    expect(result.map(({ name }) => name)).toEqual(["bytes"]);
  });
});

test("values survive a restart, and a deleted namespace leaves nothing for the next of its title", async () => {
  const own = await startTestCloud();
  const environment = own.environment("dev");
  const kept = { account_id: environment.accountId };
  const { id } = await environment.client.kv.namespaces.create({ ...kept, title: "kept" });
  await environment.client.kv.namespaces.values.update("k", {
    ...kept,
    namespace_id: id,
    value: "v",
  });
  const again = await own.restart();
  try {
    const client = environment.client.withOptions({ baseURL: `${again.apiUrl}/client/v4` });
    const value = await client.kv.namespaces.values.get("k", { ...kept, namespace_id: id });
    expect(await value.text()).toBe("v");
    await client.kv.namespaces.delete(id, kept);
    const next = await client.kv.namespaces.create({ ...kept, title: "kept" });
    expect((await client.kv.namespaces.keys.list(next.id, kept)).result).toEqual([]);
  } finally {
    await again.close();
  }
});
