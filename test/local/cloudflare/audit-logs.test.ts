import { PutBucketCorsCommand, S3Client } from "@aws-sdk/client-s3";
import type Cloudflare from "cloudflare";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sha256Hex } from "../../../local/cloudflare/identifiers.ts";
import { filesContaining } from "../../support/files.ts";
import { refusalOf, startTestCloud, type TestCloud } from "../../support/local-cloud.ts";
import { putWorker, replying } from "../../support/workers.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

type Query = Omit<Parameters<Cloudflare["auditLogs"]["list"]>[0], "account_id">;

const read = async (
  { client, accountId }: { readonly client: Cloudflare; readonly accountId: string },
  query: Query = {},
) => (await client.auditLogs.list({ account_id: accountId, ...query })).result;

const told = async (account: Parameters<typeof read>[0], query?: Query) =>
  (await read(account, query)).map(
    ({ action, resource }) =>
      `${(action as { info?: string }).info} ${resource?.type} ${resource?.id}`,
  );

it("tells who changed what and when, in the vendor's shape, newest first", async () => {
  const began = Date.now();
  const first = cloud.environment("told");
  const account_id = first.accountId;
  const database = await first.client.d1.database.create({ account_id, name: "told" });
  const second = cloud.environment("told");
  await second.client.d1.database.delete(database.uuid ?? "", { account_id });

  const [deleted, created, ...none] = await read(second);
  expect(none).toEqual([]);
  expect(created).toMatchObject({
    action: { info: "CreateDatabase", result: true, type: "create" },
    actor: { id: first.tokenId, ip: "127.0.0.1", type: "user" },
    interface: "API",
    newValue: "",
    oldValue: "",
    resource: { id: database.uuid, type: "d1.database" },
  });
  expect(deleted).toMatchObject({
    action: { info: "DeleteDatabase", type: "delete" },
    actor: { id: second.tokenId },
    resource: { id: database.uuid },
  });
  expect(deleted?.actor?.email).not.toBe(created?.actor?.email);
  const at = Date.parse(created?.when ?? "");
  expect(at).toBeGreaterThanOrEqual(began);
  expect(at).toBeLessThanOrEqual(Date.now());
});

it("tells of changes of a bucket over both of its APIs, and of no question, refusal or content", async () => {
  const { client, accountId: account_id, tokenId, apiToken } = cloud.environment("both");
  await client.r2.buckets.create({ account_id, name: "files" });
  await client.r2.buckets.cors.update("files", { account_id, rules: [] });
  const s3 = new S3Client({
    endpoint: cloud.s3Url,
    region: "auto",
    forcePathStyle: true,
    credentials: { accessKeyId: tokenId, secretAccessKey: sha256Hex(apiToken) },
  });
  const rules = [{ AllowedMethods: ["GET"], AllowedOrigins: ["https://example.com"] }];
  await s3.send(
    new PutBucketCorsCommand({ Bucket: "files", CORSConfiguration: { CORSRules: rules } }),
  );
  await client.r2.buckets.get("files", { account_id });
  const again = client.r2.buckets.create({ account_id, name: "files" });
  expect(await refusalOf(again)).toMatchObject({ status: 409 });
  const database = await client.d1.database.create({ account_id, name: "asked" });
  await client.d1.database.query(database.uuid ?? "", { account_id, sql: "SELECT 1" });

  expect(await told({ client, accountId: account_id })).toEqual([
    `CreateDatabase d1.database ${database.uuid}`,
    "PutBucketCors r2.bucket files",
    "PutBucketCors r2.bucket files",
    "CreateBucket r2.bucket files",
  ]);
});

it("answers page after page, by time, actor and action", async () => {
  const { client, accountId: account_id } = cloud.environment("pages");
  const account = { client, accountId: account_id };
  const ids: string[] = [];
  for (const title of ["one", "two", "three"])
    ids.push((await client.kv.namespaces.create({ account_id, title })).id);
  const line = (id: string | undefined) => `CreateNamespace workers_kv.namespace ${id}`;
  const whole = [...ids].reverse().map(line);

  const all: string[] = [];
  for await (const { resource } of client.auditLogs.list({ account_id, per_page: 2 }))
    all.push(line(resource?.id));
  expect(all).toEqual(whole);
  expect(await told(account, { direction: "asc", per_page: 1 })).toEqual([line(ids[0])]);

  const when = (await read(account))[1]?.when ?? "";
  expect(await told(account, { since: when })).toEqual(whole.slice(0, 2));
  expect(await told(account, { before: when })).toEqual(whole.slice(2));
  expect(await told(account, { action: { type: "create" } })).toEqual(whole);
  expect(await told(account, { action: { type: "delete" } })).toEqual([]);
  expect(await told(account, { actor: { email: "nobody@example.com" } })).toEqual([]);
  expect(await refusalOf(read(account, { since: "yesterday" }))).toMatchObject({ status: 400 });
  expect(await refusalOf(read(account, { export: true }))).toMatchObject({ status: 400 });
});

it("shows an account its own changes alone, and keeps them over a restart", async () => {
  const mine = cloud.environment("mine");
  const other = cloud.environment("other");
  await mine.client.kv.namespaces.create({ account_id: mine.accountId, title: "mine" });
  expect(await read(other)).toEqual([]);
  const foreign = read({ client: other.client, accountId: mine.accountId });
  expect(await refusalOf(foreign)).toMatchObject({ status: 403 });

  const before = await read(mine);
  cloud = await cloud.restart();
  expect(await read(cloud.environment("mine"))).toEqual(before);
});

it("holds no secret and no content of a request", async () => {
  const environment = cloud.environment("secrets");
  const { client, accountId: account_id } = environment;
  const secret = "never-to-be-logged-8f1b6c2e7d";
  await putWorker(environment, "worker", replying("1"));
  await client.workers.scripts.secrets.update("worker", {
    account_id,
    name: "API_TOKEN",
    text: secret,
    type: "secret_text",
  });
  const entries = await read({ client, accountId: account_id });
  expect(entries[0]).toMatchObject({
    action: { info: "PutScriptSecrets", type: "update" },
    resource: { id: "worker", type: "worker.script" },
  });
  expect(JSON.stringify(entries)).not.toContain(secret);
  expect(filesContaining(cloud.dataDir, secret)).toEqual([]);
});
