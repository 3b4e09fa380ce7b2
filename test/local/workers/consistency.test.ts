import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCloudServer } from "../../../local/cloud.ts";
import { openDocumentStore } from "../../../local/store/document-store.ts";
import {
  clientFor,
  refusalOf,
  startTestCloud,
  type TestCloud,
  type TestEnvironment,
} from "../../support/local-cloud.ts";
import { exchange, putWorker, replying, scriptForm, serveWorker } from "../../support/workers.ts";

let cloud: TestCloud;
let staging: TestEnvironment;
let account_id: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
  account_id = staging.accountId;
});
afterAll(() => cloud.close());

const scripts = () => staging.client.workers.scripts;
const putSecret = (script: string, name: string) =>
  scripts().secrets.update(script, { account_id, name, text: name, type: "secret_text" });

describe("changes of one Worker at the same time", () => {
  it("are all kept when they are secrets", async () => {
    await putWorker(staging, "many-secrets", replying("1"));
    const names = ["A", "B", "C", "D"];
    await Promise.all(names.map((name) => putSecret("many-secrets", name)));
    const { result } = await scripts().secrets.list("many-secrets", { account_id });
    expect(result.map(({ name }) => name).sort()).toEqual(names);
    const { items = [] } = (await scripts().versions.list("many-secrets", { account_id })).result;
    expect(items.map(({ number }) => number)).toEqual([5, 4, 3, 2, 1]);
  });

  it("keep a workers.dev address that was opened during an upload", async () => {
    const host = await serveWorker(staging, "opened", replying("1"));
    await scripts().subdomain.delete("opened", { account_id });
    await Promise.all([
      putWorker(staging, "opened", replying("2")),
      scripts().subdomain.create("opened", { account_id, enabled: true }),
    ]);
    expect((await exchange(cloud, host)).body.toString()).toBe("2");
  });

  it("do not bring back a script that was deleted meanwhile", async () => {
    await putWorker(staging, "gone", replying("1"));
    const outcomes = await Promise.allSettled([
      putSecret("gone", "A"),
      scripts().delete("gone", { account_id }),
      putSecret("gone", "B"),
      staging.client.post(`/accounts/${account_id}/workers/scripts/gone/versions`, {
        body: scriptForm(replying("3")),
      }),
    ]);
    const statuses = outcomes.map((outcome) =>
      outcome.status === "fulfilled" ? 200 : outcome.reason.status,
    );
    expect(statuses[1]).toBe(200);
    expect([200, 404]).toEqual(expect.arrayContaining(statuses));
    const settings = scripts().scriptAndVersionSettings.get("gone", { account_id });
    expect(await refusalOf(settings)).toMatchObject({ status: 404, code: 10007 });
  });
});

describe("a change that fails for no fault of the script", () => {
  it("because it cannot be recorded leaves the recorded code serving", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "bulkhead-store-"));
    const second = replying("'second'");
    refuseToStore(dataDir, Buffer.from(second).toString("base64"));
    const broken = await startTestCloud(dataDir);
    try {
      const environment = broken.environment("staging");
      const host = await serveWorker(environment, "recorded", replying("'first'"));
      expect(await refusalOf(putWorker(environment, "recorded", second))).toMatchObject({
        status: 500,
        code: 1002,
      });
      expect((await exchange(broken, host)).body.toString()).toBe('"first"');
    } finally {
      await broken.close();
    }
  });

  it("because the runtime cannot start at all is not called the script's fault", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "bulkhead-store-"));
    writeFileSync(join(dataDir, "accounts"), "a file where the runtime's folder belongs");
    const broken = await startTestCloud(dataDir);
    try {
      const refusal = await refusalOf(putWorker(broken.environment("staging"), "a", replying("1")));
      expect(refusal.status).toBe(500);
    } finally {
      await broken.close();
    }
  });

  /** The store fails for documents with this text, as it does when the disk is full. */
  function refuseToStore(dataDir: string, text: string): void {
    const file = join(dataDir, "store.sqlite");
    openDocumentStore(file).close();
    const database = new DatabaseSync(file);
    database.exec(
      `CREATE TRIGGER full BEFORE INSERT ON documents WHEN NEW.body LIKE '%${text}%'
       BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
    );
    database.close();
  }
});

describe("a Worker's code", () => {
  it("is kept apart from what each request reads, once for all versions, and goes with the last of them", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "bulkhead-store-"));
    const options = { dataDir, port: 0, s3Port: 0, adminToken: "test", log: () => undefined };
    const server = await startCloudServer(options);
    const issued = server.issueEnvironment("staging");
    const environment = { ...issued, client: clientFor(server, issued.apiToken) };
    const { client, accountId } = environment;
    const large = (mark: string) => `/* ${mark.repeat(500_000)} */ ${replying("1")}`;
    await putWorker(environment, "large", large("a"));
    await putWorker(environment, "large", large("b"));
    await putWorker(environment, "twin", large("b"));
    await client.workers.scripts.secrets.update("large", {
      account_id: accountId,
      name: "SECRET",
      text: "s",
      type: "secret_text",
    });
    await client.workers.scripts.delete("large", { account_id: accountId });
    // One more than versions are kept.
    const numbers = Array.from({ length: 11 }, (_, index) => replying(String(index)));
    for (const code of numbers) await putWorker(environment, "aging", code);
    await server.close();

    const store = openDocumentStore(join(dataDir, "store.sqlite"));
    const [twin] = store.collection("worker").all();
    const modules = store.collection<{ base64: string }>("worker-module").all();
    store.close();
    rmSync(dataDir, { recursive: true });
    expect(JSON.stringify(twin).length).toBeLessThan(5000);
    expect(modules.map(({ body }) => Buffer.from(body.base64, "base64").toString())).toEqual([
      large("b"),
      ...numbers.slice(1),
    ]);
  }, 60_000);
});
