import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loginChecks, loginIsolation } from "../../cli/smoke/logins.ts";
import type { Engines } from "../../local/engines/engines.ts";
import { openEngines } from "../../local/engines/index.ts";

/*
 * The logins that `start` and `ready` try, on real servers: two PostgreSQL servers and two Redis servers,
 * each with a user of the same name and another password.
 */

let folder: string;
let engines: Engines;
const urls: Record<"staging" | "production", Record<string, string>> = {
  staging: {},
  production: {},
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bulkhead-logins-"));
  engines = openEngines({ dataDir: folder, log: () => {} });
  const authority = await engines.authority("logins");
  for (const environment of ["staging", "production"] as const) {
    const [postgres, redis] = await engines.endpoints([5432, 6379]);
    const password = `password-of-${environment}`;
    const spec = {
      id: `postgres-${environment}`,
      endpoint: postgres,
      authority,
      superuser: { name: "boss", password: "boss-password" },
      access: [
        { database: "all", user: "all", address: "0.0.0.0/0", method: "scram-sha-256" as const },
      ],
    };
    await engines.postgres.ensure(spec);
    await engines.postgres.as(spec, "postgres", (client) =>
      client.query(`CREATE ROLE app LOGIN PASSWORD '${password}'`),
    );
    await engines.valkey.ensure({
      id: `redis-${environment}`,
      endpoint: redis,
      authority,
      users: [{ name: "app", password, rules: ["on", "~*", "+@all"] }],
    });
    urls[environment] = {
      DATABASE_URL: `postgresql://app:${password}@${postgres.host}:${postgres.port}/postgres?pgbouncer=true`,
      REDIS_URL: `rediss://app:${password}@${redis.host}:${redis.port}/0`,
      STORAGE_ENDPOINT: "https://fra1.example.com",
    };
  }
});
afterAll(async () => {
  await engines.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const connections = (
  environment: "staging" | "production",
  change: Record<string, string> = {},
) => ({
  environment,
  variables: { ...urls[environment], ...change },
});

const isolation = (change: Record<string, string> = {}) =>
  loginIsolation("shop", connections("staging"), connections("production", change));

test("servers that refuse the other environment's login pass, in both directions", async () => {
  const results = await isolation();
  expect(results.map(({ name, status }) => [status, name])).toEqual([
    ["PASS", "shop production: postgres of DATABASE_URL refuses the login of staging"],
    ["PASS", "shop staging: postgres of DATABASE_URL refuses the login of production"],
    ["PASS", "shop production: redis of REDIS_URL refuses the login of staging"],
    ["PASS", "shop staging: redis of REDIS_URL refuses the login of production"],
  ]);
  expect(JSON.stringify(results)).not.toMatch(/password-of-/);
});

test("a server that both environments use fails", async () => {
  const { DATABASE_URL = "", REDIS_URL = "" } = urls.staging;
  const results = await isolation({ DATABASE_URL, REDIS_URL });
  expect(results.map(({ status }) => status)).toEqual(Array(4).fill("FAIL"));
  expect(results[0]?.evidence).toContain("the login was let in");
});

test("a server that is away is no refusal (T5)", async () => {
  const { DATABASE_URL = "" } = urls.production;
  const away = DATABASE_URL.replace(/:\d+\//, ":1/");
  const results = await isolation({ DATABASE_URL: away });
  const postgres = results.filter(({ name }) => name.includes("postgres"));
  expect(postgres.map(({ status }) => status)).toEqual(["FAIL", "FAIL"]);
});

test("each server lets its own user in, or is said not to", async () => {
  const results = await Promise.all(loginChecks("shop", connections("staging")));
  expect(results.map(({ status }) => status)).toEqual(["PASS", "PASS"]);
  const DATABASE_URL = (urls.staging.DATABASE_URL ?? "").replace("password-of-", "wrong-");
  const [wrong] = await Promise.all(loginChecks("shop", connections("staging", { DATABASE_URL })));
  expect(wrong).toMatchObject({ status: "FAIL" });
});
