import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startCloudServer } from "../../../local/cloud.ts";
import { openDocumentStore } from "../../../local/store/document-store.ts";
import { filesContaining } from "../../support/files.ts";
import {
  clientFor,
  refusalOf,
  startTestCloud,
  type TestCloud,
  type TestEnvironment,
} from "../../support/local-cloud.ts";

let cloud: TestCloud;
let staging: TestEnvironment;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
});
afterAll(() => cloud.close());

it("a bucket that gets an object while its deletion waits is not deleted", async () => {
  const { client, accountId: account_id } = staging;
  await client.r2.buckets.create({ account_id, name: "raced" });
  await putObject(cloud, staging, "raced", "starts the runtime");
  await objectRequest(cloud, staging, "raced", { method: "DELETE" });

  const put = startPut("raced");
  await sleep(500);
  const deletion = refusalOf(client.r2.buckets.delete("raced", { account_id }));
  await sleep(500);
  expect(await put.finish()).toBe(200);
  expect(await deletion).toMatchObject({ status: 409 });
  expect(await (await getObject(cloud, staging, "raced")).text()).toBe("firstlater");
}, 60_000);

it("an object that waits for a bucket's deletion is refused as one for no bucket", async () => {
  const { client, accountId: account_id } = staging;
  await client.r2.buckets.create({ account_id, name: "busy" });
  await client.r2.buckets.create({ account_id, name: "leaving" });
  await putObject(cloud, staging, "busy", "starts the runtime");
  const put = startPut("busy");
  await sleep(500);
  const deletion = client.r2.buckets.delete("leaving", { account_id });
  await sleep(500);
  const late = putObject(cloud, staging, "leaving", "value");
  await sleep(500);
  expect(await put.finish()).toBe(200);
  await deletion;
  expect(await (await late).json()).toMatchObject({ errors: [{ code: 10006 }] });
}, 60_000);

/** Half of an object's upload; `finish` sends the rest and resolves with the answer's status. */
function startPut(bucket: string): { finish: () => Promise<number> } {
  const put = httpRequest(cloud.apiUrl, {
    method: "PUT",
    path: `/client/v4/accounts/${staging.accountId}/r2/buckets/${bucket}/objects/key`,
    headers: { authorization: `Bearer ${staging.apiToken}`, "content-length": 10 },
  });
  const answered = once(put, "response");
  put.write("first");
  return {
    finish: async () => {
      put.end("later");
      const [answer] = await answered;
      return answer.statusCode;
    },
  };
}

it("files of a bucket whose record was removed before a crash are gone when its name is used again", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "bulkhead-sweep-"));
  const options = { dataDir, port: 0, s3Port: 0, adminToken: "test", log: () => undefined };
  const server = await startCloudServer(options);
  const first = server.issueEnvironment("staging");
  const { accountId: account_id } = first;
  const { r2, d1 } = clientFor(server, first.apiToken);
  for (const name of ["kept", "lost"]) {
    await r2.buckets.create({ account_id, name });
    await putObject(server, first, name, `the-object-in-${name}`);
  }
  const { uuid = "" } = await d1.database.create({ account_id, name: "kept" });
  await d1.database.query(uuid, { account_id, sql: "CREATE TABLE kept (x)" });
  await server.close();

  const store = openDocumentStore(join(dataDir, "store.sqlite"));
  const buckets = store.collection("r2-bucket");
  buckets.remove(account_id, buckets.byName(account_id, "lost")?.id ?? "");
  store.close();

  const again = await startTestCloud(dataDir);
  try {
    const environment = again.environment("staging");
    await environment.client.r2.buckets.create({ account_id, name: "lost" });
    expect((await getObject(again, environment, "lost")).status).toBe(404);
    expect(filesContaining(dataDir, "the-object-in-lost")).toEqual([]);
    expect(await (await getObject(again, environment, "kept")).text()).toBe("the-object-in-kept");
    const tables = await environment.client.d1.database.query(uuid, {
      account_id,
      sql: "SELECT name FROM sqlite_master WHERE name = 'kept'",
    });
    expect(tables.result[0]?.results).toEqual([{ name: "kept" }]);
  } finally {
    await again.close();
  }
}, 60_000);

type Server = Pick<TestCloud, "apiUrl">;
type Owner = Pick<TestEnvironment, "accountId" | "apiToken">;

const objectRequest = ({ apiUrl }: Server, owner: Owner, bucket: string, init: RequestInit) =>
  fetch(`${apiUrl}/client/v4/accounts/${owner.accountId}/r2/buckets/${bucket}/objects/key`, {
    ...init,
    headers: { authorization: `Bearer ${owner.apiToken}` },
  });
const putObject = (server: Server, owner: Owner, bucket: string, body: string) =>
  objectRequest(server, owner, bucket, { method: "PUT", body });
const getObject = (server: Server, owner: Owner, bucket: string) =>
  objectRequest(server, owner, bucket, {});
