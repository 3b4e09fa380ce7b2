import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestCloud, type TestCloud, type TestEnvironment } from "../../support/local-cloud.ts";
import { type Wrangler, wranglerFor } from "../../support/wrangler.ts";

let cloud: TestCloud;
let staging: TestEnvironment;
let wrangler: Wrangler;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
  wrangler = wranglerFor(cloud, staging);
});
afterAll(async () => {
  wrangler.remove();
  await cloud.close();
});

test("`wrangler r2` makes a bucket and puts, gets and deletes an object in it", async () => {
  const object = "uploads/paper no. 1.txt";
  writeFileSync(join(wrangler.folder, "in.txt"), "by wrangler");
  const steps = [
    ["bucket", "create", "papers"],
    ["object", "put", `papers/${object}`, "--remote", "--file=in.txt", "--content-type=text/x"],
    ["object", "get", `papers/${object}`, "--remote", "--file=out.txt"],
  ];
  for (const step of steps) {
    expect(await wrangler.run(["r2", ...step])).toMatchObject({ exitCode: 0 });
  }
  expect(readFileSync(join(wrangler.folder, "out.txt"), "utf8")).toBe("by wrangler");
  const target = { account_id: staging.accountId, bucket_name: "papers" };
  const stored = await staging.client.r2.buckets.objects.get(object, target).asResponse();
  expect(stored.headers.get("content-type")).toBe("text/x");

  const refused = await wrangler.run(["r2", "bucket", "delete", "papers"]);
  expect(refused).toMatchObject({ exitCode: 1, output: expect.stringContaining("10008") });
  await wrangler.run(["r2", "object", "delete", `papers/${object}`, "--remote"]);
  expect(await wrangler.run(["r2", "bucket", "delete", "papers"])).toMatchObject({ exitCode: 0 });
});

test("`wrangler kv` makes a namespace and puts, lists, gets and deletes a key in it", async () => {
  const kv = (...args: string[]) => wrangler.run(["kv", ...args]);
  expect(await kv("namespace", "create", "sessions")).toMatchObject({ exitCode: 0 });
  const [namespace] = (await staging.client.kv.namespaces.list({ account_id: staging.accountId }))
    .result;
  expect(namespace?.title).toBe("sessions");
  const remote = [`--namespace-id=${namespace?.id}`, "--remote"];
  await kv("key", "put", "user:1 ü", "ada", '--metadata={"a":1}', ...remote);
  const listed = await kv("key", "list", ...remote);
  expect(JSON.parse(listed.output)).toEqual([{ name: "user:1 ü", metadata: { a: 1 } }]);
  const value = await kv("key", "get", "user:1 ü", "--text", ...remote);
  expect(value.output).toContain("ada");
  expect(await kv("key", "delete", "user:1 ü", ...remote)).toMatchObject({ exitCode: 0 });
  expect(JSON.parse((await kv("key", "list", ...remote)).output)).toEqual([]);
});
