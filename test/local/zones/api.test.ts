import { afterAll, beforeAll, expect, test } from "vitest";
import { refusalOf, startTestCloud, type TestCloud } from "../../support/local-cloud.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

test("each environment has one zone, which its token can list by name and read", async () => {
  const { client, domain, zoneId, accountId } = cloud.environment("staging");
  expect(domain).toBe("staging.bulkhead.example");
  const { result } = await client.zones.list({ name: domain });
  expect(result).toMatchObject([
    { id: zoneId, name: domain, status: "active", account: { id: accountId, name: "staging" } },
  ]);
  expect((await client.zones.list({ name: "elsewhere.example" })).result).toEqual([]);
  expect(await client.zones.get({ zone_id: zoneId })).toMatchObject({ name: domain });
});

test("an environment keeps its zone when it gets a new token", () => {
  expect(cloud.environment("dev").zoneId).toBe(cloud.environment("dev").zoneId);
});

test("another environment's zone is refused exactly as one that does not exist", async () => {
  const { zoneId } = cloud.environment("staging");
  const { client } = cloud.environment("production");
  const foreign = await refusalOf(client.zones.get({ zone_id: zoneId }));
  expect(foreign).toMatchObject({ status: 403, code: 9109 });
  expect(await refusalOf(client.zones.get({ zone_id: "0".repeat(32) }))).toEqual(foreign);
});

test("no zone lies within another environment's, whatever the environments are called", () => {
  const names = ["production", "PR_1", "pr-1", "pr.1", "_"].map(
    (name) => cloud.environment(name).domain,
  );
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) {
    expect(name).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?\.bulkhead\.example$/);
    for (const other of names) expect(other === name || !other.endsWith(`.${name}`)).toBe(true);
  }
});
