import { afterAll, beforeAll, expect, it } from "vitest";
import { filesContaining } from "../support/files.ts";
import { refusalOf, startTestCloud, type TestCloud } from "../support/local-cloud.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

const answer = async (path: string, headers: Record<string, string>) => {
  const response = await fetch(`${cloud.apiUrl}/client/v4${path}`, { headers });
  return { status: response.status, body: await response.json() };
};

it("verifies an environment's own token", async () => {
  const { client, tokenId } = cloud.environment("staging");
  expect(await client.user.tokens.verify()).toMatchObject({ id: tokenId, status: "active" });
});

it("answers 403 with the vendor's code when a token is used on another environment's account", async () => {
  const staging = cloud.environment("staging");
  const production = cloud.environment("production");
  const own = await staging.client.d1.database.create({
    account_id: staging.accountId,
    name: "own",
  });
  expect(own.name).toBe("own");

  const foreign = staging.client.d1.database.create({
    account_id: production.accountId,
    name: "foreign",
  });
  expect(await refusalOf(foreign)).toMatchObject({ status: 403, code: 9109 });
  const left = await production.client.d1.database.list({ account_id: production.accountId });
  expect(left.result).toEqual([]);
});

it("gives the same answer for a foreign account and for one that does not exist", async () => {
  const { client } = cloud.environment("staging");
  const unknown = client.d1.database.list({ account_id: "0".repeat(32) });
  expect(await refusalOf(unknown)).toMatchObject({ status: 403, code: 9109 });
});

it("refuses a missing, a malformed and an unknown token, each in the vendor's way", async () => {
  expect(await answer("/accounts", {})).toMatchObject({
    status: 400,
    body: { success: false, errors: [{ code: 9106 }] },
  });
  expect(await answer("/accounts", { authorization: "Bearer no" })).toMatchObject({
    status: 400,
    body: { errors: [{ code: 6003 }, { code: 6111 }] },
  });
  expect(await answer("/accounts", { authorization: `Bearer ${"x".repeat(40)}` })).toMatchObject({
    status: 401,
    body: { errors: [{ code: 10000 }] },
  });
});

it("ends an environment's earlier token when a new one is issued", async () => {
  const before = cloud.environment("preview");
  const after = cloud.environment("preview");
  expect(after.accountId).toBe(before.accountId);
  expect((await refusalOf(before.client.user.tokens.verify())).status).toBe(401);
  expect(await after.client.user.tokens.verify()).toMatchObject({ status: "active" });
});

it("shows a token its own account only", async () => {
  cloud.environment("production");
  const { client, accountId } = cloud.environment("staging");
  const accounts = await client.accounts.list();
  expect(accounts.result.map(({ id }) => id)).toEqual([accountId]);
});

it("answers like the vendor to what it does not serve, never with success", async () => {
  const { client, accountId } = cloud.environment("staging");
  const queues = client.queues.list({ account_id: accountId });
  expect(await refusalOf(queues)).toMatchObject({ status: 404, code: 7003 });
});

it("keeps the administration routes from whoever does not have the token of the state folder", async () => {
  const response = await fetch(`${cloud.apiUrl}/local/environments`, {
    method: "POST",
    headers: { authorization: "Bearer guess", "content-type": "application/json" },
    body: JSON.stringify({ environment: "staging" }),
  });
  expect(response.status).toBe(401);
});

it("stores no API token in plaintext", () => {
  const { apiToken } = cloud.environment("staging");
  expect(filesContaining(cloud.dataDir, apiToken)).toEqual([]);
});
