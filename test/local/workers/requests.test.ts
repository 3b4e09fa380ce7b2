import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  refusalOf,
  startTestCloud,
  type TestCloud,
  type TestEnvironment,
} from "../../support/local-cloud.ts";
import { exchange, putWorker, replying, serveWorker } from "../../support/workers.ts";

let cloud: TestCloud;
let staging: TestEnvironment;
let account_id: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
  account_id = staging.accountId;
  await putWorker(staging, "plain", replying("1"));
});
afterAll(() => cloud.close());

const scripts = () => staging.client.workers.scripts;

describe("malformed requests", () => {
  it.each([
    ["a script's upload", "PUT", ""],
    ["a version's upload", "POST", "/versions"],
    ["settings", "PATCH", "/settings"],
  ])("for %s are the client's fault and leave no stack in the log", async (_what, method, path) => {
    const url = `${cloud.apiUrl}/client/v4/accounts/${account_id}/workers/scripts/plain${path}`;
    const part = (name: string, value: string) =>
      `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--x--\r\n`;
    for (const body of ["no form at all", part("metadata", "{"), part("settings", "{")]) {
      const answer = await fetch(url, {
        method,
        body,
        headers: {
          authorization: `Bearer ${staging.apiToken}`,
          "content-type": "multipart/form-data; boundary=x",
        },
      });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ errors: [{ code: 10001 }] });
    }
    expect(cloud.logLines.join("\n")).not.toMatch(/failed:/);
  });

  it.each(["banana", "* * * *", "* * * * * *", "61- * * * *", "", "* * * * *; rm"])(
    "to run at %j are refused",
    async (cron) => {
      const call = scripts().schedules.update("plain", { account_id, body: [{ cron }] });
      expect(await refusalOf(call)).toMatchObject({ status: 400 });
    },
  );

  it.each(["*/5 * * * *", "0 0 1-15 JAN,FEB MON-FRI", "59 23 LW * 5L", "0 17 * * 2#1"])(
    "to run at %j are kept",
    async (cron) => {
      const { schedules } = await scripts().schedules.update("plain", {
        account_id,
        body: [{ cron }],
      });
      expect(schedules.map((schedule) => schedule.cron)).toEqual([cron]);
    },
  );

  it("for two bindings of one name are refused", async () => {
    const bindings = [
      { type: "plain_text", name: "TWICE", text: "a" },
      { type: "plain_text", name: "TWICE", text: "b" },
    ];
    const refusal = await refusalOf(putWorker(staging, "doubled", replying("1"), { bindings }));
    expect(refusal).toMatchObject({ status: 400, code: 10021 });
    expect(refusal.message).toContain("TWICE");
  });

  it("for a secret with the name of another binding are refused, in bulk too", async () => {
    const bindings = [{ type: "plain_text", name: "TAKEN", text: "a" }];
    await putWorker(staging, "taken", replying("1"), { bindings });
    const secret = { name: "TAKEN", text: "s", type: "secret_text" as const };
    const one = scripts().secrets.update("taken", { account_id, ...secret });
    expect(await refusalOf(one)).toMatchObject({ status: 400, code: 10053 });
    const bulk = staging.client.patch(
      `/accounts/${account_id}/workers/scripts/taken/secrets-bulk`,
      { body: { secrets: { TAKEN: secret } } },
    );
    expect(await refusalOf(bulk)).toMatchObject({ status: 400, code: 10053 });
  });
});

describe("a Worker", () => {
  it.each(["bulkhead-storage", "bulkhead-ai", "bulkhead-ingress"])(
    "may be called %s",
    async (name) => {
      const host = await serveWorker(staging, name, replying("'own'"));
      expect((await exchange(cloud, host)).body.toString()).toBe('"own"');
    },
  );

  it("shows the placement and limits that it was given, without being moved or limited", async () => {
    const given = { placement: { mode: "smart" }, limits: { cpu_ms: 50 } };
    await putWorker(staging, "placed", replying("1"), given);
    const shown = await scripts().scriptAndVersionSettings.get("placed", { account_id });
    expect(shown).toMatchObject(given);
    await putWorker(staging, "placed", replying("1"));
    const reset = await scripts().scriptAndVersionSettings.get("placed", { account_id });
    expect(reset).toMatchObject({ placement: {}, limits: {} });
  });
});
