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

const buckets = () => staging.client.r2.buckets;
const create = (name: string, rest: object = {}) => buckets().create({ account_id, name, ...rest });

describe("buckets", () => {
  test("are created with a place and a storage class, read, changed and deleted", async () => {
    const created = await create("first", {
      locationHint: "enam",
      storageClass: "InfrequentAccess",
    });
    expect(created).toMatchObject({
      name: "first",
      location: "enam",
      storage_class: "InfrequentAccess",
      jurisdiction: "default",
    });
    expect(await buckets().get("first", { account_id })).toEqual(created);
    await buckets().edit("first", { account_id, storage_class: "Standard" });
    expect(await buckets().get("first", { account_id })).toMatchObject({
      storage_class: "Standard",
    });
    await buckets().delete("first", { account_id });
    expect(await refusalOf(buckets().get("first", { account_id }))).toMatchObject({
      status: 404,
      code: 10006,
    });
    expect(await refusalOf(buckets().delete("first", { account_id }))).toMatchObject({
      status: 404,
      code: 10006,
    });
  });

  test.each(["ab", "Upper", "under_score", "-dash", "dash-", "a".repeat(64), "dot.ted"])(
    "cannot be called %j",
    async (name) => {
      expect(await refusalOf(create(name))).toMatchObject({ status: 400, code: 10005 });
    },
  );

  test("cannot share a name in one account, and can across accounts", async () => {
    await create("shared-name");
    expect(await refusalOf(create("shared-name"))).toMatchObject({ status: 409, code: 10004 });
    const { client, accountId } = cloud.environment("production");
    await client.r2.buckets.create({ account_id: accountId, name: "shared-name" });
    expect(await refusalOf(client.r2.buckets.get("shared-name", { account_id }))).toMatchObject({
      status: 403,
    });
  });

  test("are listed by name, part of a name and page", async () => {
    for (const name of ["page-c", "page-a", "page-b"]) await create(name);
    const first = await staging.client.get<{
      result: { buckets: { name: string }[] };
      result_info: { cursor: string };
    }>(`/accounts/${account_id}/r2/buckets`, { query: { name_contains: "page-", per_page: 2 } });
    expect(first.result.buckets.map(({ name }) => name)).toEqual(["page-a", "page-b"]);
    const second = await buckets().list({
      account_id,
      name_contains: "page-",
      cursor: first.result_info.cursor,
    });
    expect(second.buckets?.map(({ name }) => name)).toEqual(["page-c"]);
    const reversed = await buckets().list({
      account_id,
      name_contains: "page-",
      direction: "desc",
    });
    expect(reversed.buckets?.map(({ name }) => name)).toEqual(["page-c", "page-b", "page-a"]);
  });

  test("in a jurisdiction are refused", async () => {
    expect(await refusalOf(create("european", { "cf-r2-jurisdiction": "eu" }))).toMatchObject({
      status: 403,
      code: 10042,
    });
  });
});

describe("a bucket's settings", () => {
  beforeAll(() => create("settings"));

  test("begin as the vendor's", async () => {
    const { lifecycle, cors, locks, domains } = buckets();
    expect((await lifecycle.get("settings", { account_id })).rules).toMatchObject([
      { id: "Default Multipart Abort Rule", enabled: true },
    ]);
    expect(await refusalOf(cors.get("settings", { account_id }))).toMatchObject({
      status: 404,
      code: 10059,
    });
    expect((await locks.get("settings", { account_id })).rules).toEqual([]);
    expect((await domains.custom.list("settings", { account_id })).domains).toEqual([]);
    expect(await domains.managed.list("settings", { account_id })).toMatchObject({
      enabled: false,
      domain: expect.stringMatching(/^pub-[0-9a-f]{32}\.r2\.dev$/),
    });
  });

  test("keep CORS and lifecycle rules", async () => {
    const cors = [{ allowed: { methods: ["GET" as const], origins: ["*"] }, maxAgeSeconds: 5 }];
    await buckets().cors.update("settings", { account_id, rules: cors });
    expect((await buckets().cors.get("settings", { account_id })).rules).toEqual(cors);
    await buckets().cors.delete("settings", { account_id });
    const lifecycle = [
      {
        id: "expire",
        enabled: true,
        conditions: { prefix: "tmp/" },
        deleteObjectsTransition: { condition: { type: "Age" as const, maxAge: 86_400 } },
      },
    ];
    await buckets().lifecycle.update("settings", { account_id, rules: lifecycle });
    expect((await buckets().lifecycle.get("settings", { account_id })).rules).toEqual(lifecycle);
  });

  test("that would be a false promise are refused", async () => {
    const { locks, domains } = buckets();
    expect(
      await refusalOf(
        locks.update("settings", {
          account_id,
          rules: [{ id: "keep", enabled: true, condition: { type: "Indefinite" } }],
        }),
      ),
    ).toMatchObject({ status: 403, code: 10042 });
    expect(
      await refusalOf(domains.managed.update("settings", { account_id, enabled: true })),
    ).toMatchObject({ status: 403, code: 10042 });
    expect(await domains.managed.update("settings", { account_id, enabled: false })).toMatchObject({
      enabled: false,
    });
  });

  test("are refused when malformed", async () => {
    expect(
      await refusalOf(
        buckets().cors.update("settings", {
          account_id,
          rules: [{ allowed: { methods: ["PATCH" as never], origins: ["*"] } }],
        }),
      ),
    ).toMatchObject({ status: 400, code: 10029 });
  });
});
