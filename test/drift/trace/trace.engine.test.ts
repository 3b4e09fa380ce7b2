import { afterAll, beforeAll, expect, it } from "vitest";
import type { DriftReport } from "../../../drift/report/report.ts";
import { openTestEstate, type TestEstate } from "../../support/estate.ts";

let estate: TestEstate;
beforeAll(async () => {
  estate = openTestEstate(undefined, ["cutty"]);
  const up = await estate.bulkhead("up", "staging", "--yes");
  expect(up.exitCode, up.output).toBe(0);
});
afterAll(() => estate.close());

it("names who changed a bucket behind Pulumi's back, and nobody for what Pulumi did", async () => {
  const { client, account_id } = await estate.client("staging");
  const [database] = (await client.d1.database.list({ account_id })).result;
  const [bucket] = (await client.r2.buckets.list({ account_id })).buckets ?? [];
  const bucket_name = bucket?.name ?? "";
  const rules = [
    { allowed: { methods: ["GET" as const], origins: ["https://elsewhere.example"] } },
  ];
  await client.r2.buckets.cors.update(bucket_name, { account_id, rules });
  await client.r2.buckets.create({ account_id, name: "by-hand" });
  // Told by no log: it is found, and nobody is named for it.
  await client.d1.database
    .query(database?.uuid ?? "", { account_id, sql: "CREATE TABLE by_hand (id INTEGER)" })
    .then(async (pages) => pages.result);

  const { stdout, output } = await estate.bulkhead("drift", "staging", "--json");
  const report = JSON.parse(stdout) as DriftReport;
  const [stack] = report.stacks;
  expect(stack?.problems, output).toEqual([]);
  expect(stack?.notes).toBeUndefined();

  const log = (await client.auditLogs.list({ account_id })).result;
  const whenOf = (info: string) =>
    log.find(({ action }) => (action as { info?: string }).info === info)?.when;
  const email = log[0]?.actor?.email;
  const source = "Cloudflare audit log";
  const findings = stack?.findings ?? [];
  const traceOf = (part: string) =>
    findings.filter(({ message }) => message.includes(part)).map(({ trace }) => trace);
  expect(traceOf("by-hand"), output).toEqual([
    { actor: email, at: whenOf("CreateBucket"), source },
  ]);
  const changed = findings.filter(({ trace }) => trace?.at === whenOf("PutBucketCors"));
  expect(changed.map(({ trace }) => trace?.actor)).toContain(email);
  for (const { kind, trace } of findings) if (kind === "schema") expect(trace).toBeNull();
});
