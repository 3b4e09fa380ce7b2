import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Engines, KeyPair, PostgresSpec } from "../../../local/engines/engines.ts";
import { openEngines } from "../../../local/engines/index.ts";
import type { BulkheadClient } from "../../../providers/bulkhead/client.ts";
import { bulkheadProvider } from "../../../providers/bulkhead/provider.ts";
import { Journal } from "../../../providers/sdk/journal.ts";
import { Provider } from "../../../providers/sdk/provider.ts";
import { type PropertyMap, Secret } from "../../../providers/sdk/values.ts";

const TOKEN = "bulkhead:postgres:Database";
const ADMINISTRATOR = "administrator";
const ADMIN_PASSWORD = "admin-password-of-the-test";
const TARGET = {
  urn: `urn:pulumi:staging::shop::${TOKEN}::orders`,
  type: TOKEN,
  name: "orders",
};

let folder: string;
let engines: Engines;
let authority: KeyPair;
let spec: PostgresSpec;
let provider: Provider<BulkheadClient>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bulkhead-postgres-"));
  engines = openEngines({ dataDir: folder, log: () => {} });
  authority = await engines.authority("test");
  const [endpoint] = await engines.endpoints([5432]);
  spec = {
    id: "test",
    endpoint,
    authority,
    superuser: { name: "boss", password: "boss-password-of-the-test" },
    access: [{ database: "all", user: "all", address: "0.0.0.0/0", method: "scram-sha-256" }],
  };
  await engines.postgres.ensure(spec);
  await engines.postgres.as(spec, "postgres", (client) =>
    client.query(
      `CREATE ROLE ${ADMINISTRATOR} LOGIN CREATEDB CREATEROLE PASSWORD '${ADMIN_PASSWORD}'`,
    ),
  );
});
afterAll(async () => {
  await engines.dispose();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  provider = new Provider(bulkheadProvider, new Journal(join(folder, "journal")));
  provider.connection.configure({});
  await engines.postgres.as(spec, "postgres", async (client) => {
    await client.query("DROP DATABASE IF EXISTS orders WITH (FORCE)");
    await client.query("DROP ROLE IF EXISTS app");
    await client.query("DROP ROLE IF EXISTS reader");
  });
});

const server = (change: PropertyMap = {}): PropertyMap => ({
  host: spec.endpoint.host,
  port: spec.endpoint.port,
  user: ADMINISTRATOR,
  password: new Secret(ADMIN_PASSWORD),
  database: "postgres",
  sslMode: "verify-full",
  caCertificate: authority.certificate,
  ...change,
});

const APP = { name: "app", privileges: "readwrite", password: new Secret("app-password-1") };

const inputs = (change: PropertyMap = {}): PropertyMap => ({
  server: server(),
  name: "orders",
  create: true,
  schemas: ["config", "customer"],
  extensions: ["pgcrypto"],
  roles: [APP],
  ...change,
});

async function create(given: PropertyMap) {
  const { inputs: checked, failures } = provider.check(TARGET, {}, given);
  expect(failures).toEqual([]);
  return provider.create(TARGET, checked);
}

async function update(
  made: { id: string; inputs: PropertyMap; outputs: PropertyMap },
  to: PropertyMap,
) {
  const { inputs: checked } = provider.check(TARGET, made.inputs, to);
  const old = { inputs: made.inputs, state: made.outputs };
  return {
    ...made,
    inputs: checked,
    outputs: await provider.update(TARGET, made.id, old, checked),
  };
}

/** Runs SQL as a role over verified TLS. */
async function run(user: string, password: string, sql: string) {
  const client = new Client({
    ...spec.endpoint,
    user,
    password,
    database: "orders",
    ssl: { ca: authority.certificate },
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const asAdministrator = (sql: string) => run(ADMINISTRATOR, ADMIN_PASSWORD, sql);
const asApp = (sql: string) => run("app", "app-password-1", sql);

describe("a database's layout", () => {
  it("has its schemas, extensions and roles, and each role no more than it needs", async () => {
    await create(inputs());
    await asAdministrator("CREATE TABLE customer.accounts (id int)");
    await asApp("INSERT INTO customer.accounts VALUES (1)");
    expect(await asApp("SELECT id FROM customer.accounts")).toEqual([{ id: 1 }]);
    expect(await asApp("SELECT length(gen_random_uuid()::text) AS n")).toEqual([{ n: 36 }]);
    await expect(asApp("CREATE TABLE customer.mine (id int)")).rejects.toThrow(/permission denied/);
    await expect(asApp("CREATE TABLE public.mine (id int)")).rejects.toThrow(/permission denied/);
    await expect(asApp("TRUNCATE customer.accounts")).rejects.toThrow(/permission denied/);
  });

  it("lets nobody connect but its roles", async () => {
    await create(inputs());
    await engines.postgres.as(spec, "postgres", (client) =>
      client.query("CREATE ROLE reader LOGIN PASSWORD 'reader-password'"),
    );
    await expect(run("reader", "reader-password", "SELECT 1")).rejects.toThrow(/permission denied/);
    expect(await asApp("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("follows a lowered privilege, a new password and a role that is taken out", async () => {
    const made = await create(inputs());
    await asAdministrator("CREATE TABLE config.flags (id int)");
    const lowered = await update(made, inputs({ roles: [{ ...APP, privileges: "readonly" }] }));
    await expect(asApp("INSERT INTO config.flags VALUES (1)")).rejects.toThrow(/permission denied/);
    expect(await asApp("SELECT * FROM config.flags")).toEqual([]);
    const renewed = { ...APP, password: new Secret("app-password-2") };
    const changed = await update(lowered, inputs({ roles: [renewed] }));
    await expect(asApp("SELECT 1")).rejects.toThrow(/password authentication failed/);
    expect(await run("app", "app-password-2", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await update(changed, inputs({ roles: [] }));
    await expect(run("app", "app-password-2", "SELECT 1")).rejects.toThrow(/authentication failed/);
    expect(await asAdministrator("SELECT count(*)::int AS n FROM config.flags")).toEqual([
      { n: 0 },
    ]);
  });

  it("leaves alone what a role has made itself, which goes to the administrator with the role", async () => {
    const maker = { ...APP, privileges: "create" };
    const made = await create(inputs({ roles: [maker] }));
    await asApp("CREATE TABLE config.own (id int); INSERT INTO config.own VALUES (1)");
    const renewed = { ...maker, password: new Secret("app-password-2") };
    const changed = await update(made, inputs({ roles: [renewed] }));
    expect(await run("app", "app-password-2", "SELECT id FROM config.own")).toEqual([{ id: 1 }]);
    await update(changed, inputs({ roles: [] }));
    expect(await asAdministrator("SELECT id FROM config.own")).toEqual([{ id: 1 }]);
  });

  it("goes although an application is connected", async () => {
    const made = await create(inputs());
    const client = new Client({
      ...spec.endpoint,
      user: "app",
      password: "app-password-1",
      database: "orders",
      ssl: { ca: authority.certificate },
    });
    client.on("error", () => {});
    await client.connect();
    await provider.delete(TARGET, made.id, made.outputs);
    expect((await provider.read(TARGET, made.id, made.inputs, made.outputs)).id).toBe("");
    await client.end().catch(() => {});
  });

  it("may be made twice, as after an answer that was lost", async () => {
    await create(inputs());
    await asAdministrator("CREATE TABLE config.flags (id int)");
    await create(inputs());
    expect(await asApp("SELECT * FROM config.flags")).toEqual([]);
  });

  it.each<[string, string, Partial<Record<"schemas" | "extensions" | "roles", unknown[]>>]>([
    ["a schema that was dropped", "DROP SCHEMA customer CASCADE", { schemas: ["config"] }],
    ["an extension that was dropped", "DROP EXTENSION pgcrypto", { extensions: [] }],
    [
      "a privilege that was raised",
      "GRANT CREATE ON SCHEMA config TO app; GRANT CREATE ON SCHEMA customer TO app",
      { roles: [{ ...APP, privileges: "create" }] },
    ],
    ["access that was taken away", "REVOKE CONNECT ON DATABASE orders FROM app", { roles: [] }],
  ])("shows %s in a refresh, and the next update mends it", async (_what, sql, drift) => {
    const made = await create(inputs());
    await asAdministrator(sql);
    const found = await provider.read(TARGET, made.id, made.inputs, made.outputs);
    expect(found.inputs).toMatchObject(drift);
    const { inputs: wanted } = provider.check(TARGET, found.inputs, inputs());
    expect(provider.diff(TARGET, found.inputs, found.outputs, wanted).changes).not.toEqual([]);
    const mended = await update({ ...found, id: made.id }, inputs());
    const again = await provider.read(TARGET, made.id, wanted, mended.outputs);
    expect(provider.diff(TARGET, again.inputs, again.outputs, wanted).changes).toEqual([]);
  });

  it("shows no drift where there is none, and is gone with its database", async () => {
    const made = await create(inputs());
    const found = await provider.read(TARGET, made.id, made.inputs, made.outputs);
    expect(provider.diff(TARGET, found.inputs, found.outputs, made.inputs).changes).toEqual([]);
    await provider.delete(TARGET, made.id, made.outputs);
    expect((await provider.read(TARGET, made.id, made.inputs, made.outputs)).id).toBe("");
    await expect(asApp("SELECT 1")).rejects.toThrow(/authentication failed/);
  });

  it("stays, without its grants, when the vendor has made it", async () => {
    await asSuperuser("CREATE DATABASE orders OWNER administrator");
    const made = await create(inputs({ create: false }));
    await asAdministrator("CREATE TABLE config.flags (id int)");
    await provider.delete(TARGET, made.id, made.outputs);
    expect(await asAdministrator("SELECT * FROM config.flags")).toEqual([]);
    await expect(asApp("SELECT 1")).rejects.toThrow(/authentication failed/);
  });
});

describe("a server that cannot be trusted or reached", () => {
  it("is refused when another authority has signed its certificate, without showing the password", async () => {
    const other = (await engines.authority("other")).certificate;
    const wrong = inputs({ server: server({ caCertificate: other }) });
    await expect(create(wrong)).rejects.toThrow(/cannot be trusted.*caCertificate/);
    await expect(create(wrong)).rejects.not.toThrow(ADMIN_PASSWORD);
    const byName = inputs({ server: server({ sslMode: "verify-ca" }) });
    expect((await create(byName)).id).toContain("/orders");
  });

  it("is named with the remedy when the password is wrong", async () => {
    const wrong = inputs({ server: server({ password: new Secret("not-it") }) });
    await expect(create(wrong)).rejects.toThrow(/password authentication failed.*28P01.*refresh/);
  });
});

const asSuperuser = (sql: string) =>
  engines.postgres.as(spec, "postgres", (client) => client.query(sql));
