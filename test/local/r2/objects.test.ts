import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  refusalOf,
  startTestCloud,
  type TestCloud,
  type TestEnvironment,
} from "../../support/local-cloud.ts";
import { bytesOf, s3Client } from "../s3/client.ts";

const bucket_name = "objects";
const WORKER = `export default {
  async fetch(request, env) {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
    if (request.method === "PUT") {
      const { etag } = await env.FILES.put(key, request.body);
      return new Response(etag);
    }
    const object = await env.FILES.get(key);
    return object === null ? new Response(null, { status: 404 }) : new Response(object.body);
  },
};`;

let cloud: TestCloud;
let staging: TestEnvironment;
let account_id: string;
let hostname: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
  account_id = staging.accountId;
  hostname = `files.${staging.workersSubdomain}.workers.dev`;
  await staging.client.r2.buckets.create({ account_id, name: bucket_name });
});
afterAll(() => cloud.close());

const objects = () => staging.client.r2.buckets.objects;
const put = (key: string, value: string | Uint8Array<ArrayBuffer>, headers = {}) =>
  objects().upload(key, value, { account_id, bucket_name }, { headers });
const get = (key: string, headers = {}) =>
  objects().get(key, { account_id, bucket_name }, { headers }).asResponse();

async function deployFilesWorker(): Promise<void> {
  const body = new FormData();
  const metadata = {
    main_module: "index.js",
    compatibility_date: "2025-06-01",
    bindings: [{ type: "r2_bucket", name: "FILES", bucket_name }],
  };
  body.set("metadata", JSON.stringify(metadata));
  body.set("index.js", new File([WORKER], "index.js", { type: "application/javascript+module" }));
  await staging.client.put(`/accounts/${account_id}/workers/scripts/files`, { body });
  await staging.client.workers.scripts.subdomain.create("files", { account_id, enabled: true });
}

test("an object keeps its bytes and its HTTP metadata", async () => {
  const uploaded = await put("docs/a b+c/é.txt", "hello", {
    "content-type": "text/plain",
    "cache-control": "no-store",
  });
  expect(uploaded).toMatchObject({ key: "docs/a b+c/é.txt", size: "5", storage_class: "Standard" });
  const answer = await get("docs/a b+c/é.txt");
  expect(await answer.text()).toBe("hello");
  expect(answer.headers.get("content-type")).toBe("text/plain");
  expect(answer.headers.get("etag")).toBe(`"${uploaded.etag}"`);
});

test("an object may be empty or 20 MB large", async () => {
  await put("empty", "");
  expect(await (await get("empty")).text()).toBe("");
  const bytes = bytesOf(20 * 1024 * 1024);
  await put("large", bytes);
  const back = new Uint8Array(await (await get("large")).arrayBuffer());
  expect(Buffer.compare(back, bytes)).toBe(0);
});

test("an unchanged object is not sent again", async () => {
  const { etag } = await put("cached", "value");
  await expect(get("cached", { "if-none-match": `"${etag}"` })).rejects.toMatchObject({
    status: 304,
  });
});

test("a missing object and a missing bucket are told apart", async () => {
  expect(await refusalOf(get("missing"))).toMatchObject({ status: 404, code: 10007 });
  expect(
    await refusalOf(objects().get("missing", { account_id, bucket_name: "nowhere" }).asResponse()),
  ).toMatchObject({ status: 404, code: 10006 });
});

test("objects are listed with their metadata, over pages and by prefix", async () => {
  const keys = ["list/1", "list/2", "list/sub/3"];
  for (const key of keys) await put(key, key, { "content-type": "text/x" });
  const listed = [];
  for await (const object of objects().list(bucket_name, {
    account_id,
    prefix: "list/",
    per_page: 2,
  })) {
    listed.push(object);
  }
  expect(listed.map(({ key }) => key)).toEqual(keys);
  expect(listed[0]).toMatchObject({ size: 6, http_metadata: { contentType: "text/x" } });
  const grouped = await objects().list(bucket_name, {
    account_id,
    prefix: "list/",
    delimiter: "/",
  });
  expect(grouped.result.map(({ key }) => key)).toEqual(["list/1", "list/2"]);
  expect(grouped.result_info).toMatchObject({ delimited: ["list/sub/"] });
});

test("a bucket with an object in it is not deleted", async () => {
  const bucket = { account_id, bucket_name: "crowded" };
  await staging.client.r2.buckets.create({ account_id, name: "crowded" });
  await objects().upload("k", "v", bucket);
  const remove = () => staging.client.r2.buckets.delete("crowded", { account_id });
  expect(await refusalOf(remove())).toMatchObject({ status: 409, code: 10008 });
  await objects().delete("k", bucket);
  await remove();
  await staging.client.r2.buckets.create({ account_id, name: "crowded" });
  expect((await objects().list("crowded", { account_id })).result).toEqual([]);
});

test("the two APIs and a Worker's binding see the very same objects (C8)", async () => {
  await deployFilesWorker();
  const s3 = s3Client(cloud, staging);
  await s3.send(new PutObjectCommand({ Bucket: bucket_name, Key: "by/s3", Body: "from S3" }));
  expect(await (await get("by/s3")).text()).toBe("from S3");
  expect(await cloud.visit(hostname, "/by%2Fs3")).toMatchObject({ status: 200, body: "from S3" });

  await cloud.visit(hostname, "/by%2Fworker", { method: "PUT", body: "from a Worker" });
  const read = await s3.send(new GetObjectCommand({ Bucket: bucket_name, Key: "by/worker" }));
  expect(await read.Body?.transformToString()).toBe("from a Worker");
});

test("a key leads to no other bucket, and one that would is still listed", async () => {
  const { client, accountId } = cloud.environment("dotted");
  const target = { account_id: accountId, bucket_name: "private" };
  await client.r2.buckets.create({ account_id: accountId, name: "private" });
  await client.r2.buckets.create({ account_id: accountId, name: "public" });
  await client.r2.buckets.objects.upload("secret.txt", "secret", target);
  for (const dots of ["..", "%2e%2E"]) {
    const key = `${dots}%2F${dots}%2Fpublic%2Fprivate%2Fsecret.txt`;
    const path = `${cloud.apiUrl}/client/v4/accounts/${accountId}/r2/buckets/public/objects/${key}`;
    const headers = { authorization: `Bearer ${client.apiToken}` };
    for (const method of ["GET", "PUT", "DELETE"]) {
      const body = method === "PUT" ? { body: "overwritten" } : {};
      const answer = await fetch(path, { method, headers, ...body });
      expect(answer.status, method).toBe(400);
      expect(await answer.json()).toMatchObject({ errors: [{ code: 10020 }] });
    }
  }
  const left = await client.r2.buckets.objects.get("secret.txt", target).asResponse();
  expect(await left.text()).toBe("secret");

  await deployFilesWorker();
  await cloud.visit(hostname, "/a%2F..%2Fdotted", { method: "PUT", body: "x" });
  const listed = await objects().list(bucket_name, { account_id, prefix: "a/" });
  expect(listed.result.map(({ key }) => key)).toEqual(["a/../dotted"]);
});

test("nobody reads a bucket through the runtime's own paths", async () => {
  await deployFilesWorker();
  await put("private", "secret");
  for (const path of ["public", "s3"]) {
    const answer = await cloud.visit(hostname, `/cdn-cgi/local/r2/${path}/${bucket_name}/private`);
    expect(answer).toMatchObject({ status: 404, body: "" });
  }
});

test("objects survive a restart", async () => {
  const own = await startTestCloud();
  const { client, accountId } = own.environment("dev");
  await client.r2.buckets.create({ account_id: accountId, name: "kept" });
  const target = { account_id: accountId, bucket_name: "kept" };
  await client.r2.buckets.objects.upload("k", "v", target);
  const again = await own.restart();
  try {
    const after = client.withOptions({ baseURL: `${again.apiUrl}/client/v4` });
    const object = await after.r2.buckets.objects.get("k", target);
    expect(await object.text()).toBe("v");
  } finally {
    await again.close();
  }
});
