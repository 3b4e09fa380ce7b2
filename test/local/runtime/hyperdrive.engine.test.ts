import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleWorker } from "../../../components/worker-bundle.ts";
import type { PostgresSpec } from "../../../local/engines/engines.ts";
import { startTestCloud, type TestCloud, type TestEnvironment } from "../../support/local-cloud.ts";
import { serveWorker } from "../../support/workers.ts";
import { APP, startPostgres, useEngines } from "../engines/support.ts";

const CODE = bundleWorker(fileURLToPath(new URL("./postgres-worker.ts", import.meta.url)));

const test = useEngines();
let cloud: TestCloud;
let staging: TestEnvironment;
let account_id: string;
let first: PostgresSpec;
let second: PostgresSpec;
let authorityId: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
  account_id = staging.accountId;
  [first, second] = await Promise.all([
    startPostgres(test, "first"),
    startPostgres(test, "second"),
  ]);
  for (const server of [first, second]) {
    await test.engines.postgres.as(server, "shop", async (client) => {
      await client.query("GRANT EXECUTE ON FUNCTION pg_control_system() TO app");
    });
  }
  authorityId = await upload(test.authority.certificate);
});
afterAll(() => cloud?.close());

async function upload(certificates: string): Promise<string> {
  const { id } = await staging.client.mtlsCertificates.create({
    account_id,
    ca: true,
    certificates,
  });
  return id ?? "";
}

const originOf = ({ endpoint }: PostgresSpec) => ({
  scheme: "postgres" as const,
  ...endpoint,
  database: "shop",
  user: APP.name,
  password: APP.password,
});

async function makeConfig(name: string, server: PostgresSpec): Promise<string> {
  const { id } = await staging.client.hyperdrive.configs.create({
    account_id,
    name,
    origin: originOf(server),
    mtls: { ca_certificate_id: authorityId, sslmode: "verify-full" },
  });
  return id;
}

const serve = (worker: string, configId: string) =>
  serveWorker(staging, worker, CODE, {
    compatibility_date: "2026-01-01",
    compatibility_flags: ["nodejs_compat"],
    bindings: [{ type: "hyperdrive", name: "DB", id: configId }],
  });

async function visit(host: string, note?: string) {
  const options = note === undefined ? {} : { method: "POST", body: note };
  const { status, body } = await cloud.visit(host, "/", options);
  if (status !== 200) throw new Error(`${status}: ${body}`);
  return JSON.parse(body);
}

it("a Worker writes and reads through Hyperdrive, by pg, over TLS that was verified", async () => {
  const host = await serve("notes", await makeConfig("notes", first));
  await visit(host, "written by a Worker");
  const seen = await visit(host);
  expect(seen).toMatchObject({
    user: "app",
    database: "shop",
    encrypted: true,
    notes: ["written by a Worker"],
  });
  const rows = await test.engines.postgres.as(first, "shop", async (client) => {
    const result = await client.query("SELECT text FROM notes");
    return result.rows;
  });
  expect(rows).toEqual([{ text: "written by a Worker" }]);
});

it("two Workers whose bindings have the same name reach each its own database", async () => {
  const one = await serve("one", await makeConfig("one", first));
  const two = await serve("two", await makeConfig("two", second));
  const servers = [(await visit(one, "1")).server, (await visit(two, "2")).server];
  expect(new Set(servers).size).toBe(2);
  expect((await visit(two)).notes).toEqual(["2"]);
});

it("a password that changes is followed by an update of the configuration, and the old one ends", async () => {
  const id = await makeConfig("rotated", second);
  const host = await serve("rotated", id);
  await visit(host, "before");
  const password = "ä new p@ss/word:with?everything#in%it";
  await test.engines.postgres.as(second, "postgres", (client) =>
    client.query(`ALTER ROLE app PASSWORD '${password}'`),
  );
  try {
    await expect(visit(host)).rejects.toThrow(/500: password authentication failed for user "app"/);
    await staging.client.hyperdrive.configs.edit(id, { account_id, origin: { password } });
    expect((await visit(host)).notes).toContain("before");
    expect(cloud.logLines.join("\n")).not.toContain(password);
  } finally {
    await test.engines.postgres.as(second, "postgres", (client) =>
      client.query(`ALTER ROLE app PASSWORD '${APP.password}'`),
    );
  }
});

it("an origin that changes is followed by the Workers that run", async () => {
  const id = await makeConfig("moved", first);
  const host = await serve("moved", id);
  const before = (await visit(host, "here")).server;
  await staging.client.hyperdrive.configs.update(id, {
    account_id,
    name: "moved",
    origin: originOf(second),
  });
  expect((await visit(host, "there")).server).not.toBe(before);
});

it("a server that stops to prove who it is gets no query", async () => {
  const other = await test.engines.authority("Other authority");
  const id = await makeConfig("impostor", second);
  const host = await serve("impostor", id);
  await visit(host, "genuine");
  await test.engines.postgres.ensure({ ...second, authority: other });
  try {
    await expect(visit(host, "to an impostor")).rejects.toThrow(
      /500: Server connection attempt failed: .*(verify|issuer|self-signed|signature)/,
    );
  } finally {
    await test.engines.postgres.ensure(second);
  }
  expect((await visit(host)).notes).not.toContain("to an impostor");
});

it("a Worker goes on without the binding when its configuration is deleted, others with theirs", async () => {
  const id = await makeConfig("brief", first);
  const host = await serve("brief", id);
  const kept = await serve("kept", await makeConfig("kept", first));
  await visit(host, "x");
  await staging.client.hyperdrive.configs.delete(id, { account_id });
  await expect(visit(host)).rejects.toThrow(/500/);
  expect((await visit(kept)).encrypted).toBe(true);
});

it("everything is there again after a restart of the cloud", async () => {
  const host = await serve("lasting", await makeConfig("lasting", first));
  await visit(host, "kept over a restart");
  cloud = await cloud.restart();
  expect((await visit(host)).notes).toContain("kept over a restart");
});
