import { expect, it } from "vitest";
import type { PgBouncerSpec, PostgresSpec } from "../../../local/engines/engines.ts";
import { runClient } from "../../support/programs.ts";
import { APP, kill, psql, startPostgres, useEngines } from "./support.ts";

const test = useEngines();
const { engines } = test;

const POOL = { name: "shop-pool", database: "shop", mode: "transaction", size: 2 } as const;

async function startPooler(
  id: string,
  settings: PostgresSpec["settings"] = {},
): Promise<{ spec: PgBouncerSpec; backend: PostgresSpec }> {
  const backend = await startPostgres(test, `${id}-backend`, settings);
  const [endpoint] = await engines.endpoints([25061]);
  const spec: PgBouncerSpec = {
    id,
    endpoint,
    authority: test.authority,
    backend: backend.endpoint,
    users: [await appOf(backend)],
    pools: [POOL],
  };
  await engines.pgbouncer.ensure(spec);
  return { spec, backend };
}

/** The role `app` with what the server keeps of its password. */
const appOf = (backend: PostgresSpec) =>
  engines.postgres.as(backend, "postgres", async (client) => {
    const { rows } = await client.query<{ rolpassword: string }>(
      "SELECT rolpassword FROM pg_authid WHERE rolname = $1",
      [APP.name],
    );
    return { name: APP.name, verifier: rows[0]?.rolpassword ?? "" };
  });

const pooled = (
  { endpoint }: PgBouncerSpec,
  statement: string,
  settings: Readonly<Record<string, string>> = {},
) => psql(test, endpoint, statement, { PGDATABASE: POOL.name, ...settings });

it("pools by transaction over TLS on both sides, with the roles' own passwords", async () => {
  const { spec } = await startPooler("tls");
  const { stdout } = await pooled(
    spec,
    "SELECT current_database(), current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
  );
  expect(stdout).toBe("shop|app|t");
  expect((await pooled(spec, "SELECT 1", { PGSSLMODE: "disable" })).exitCode).toBe(2);
  expect((await pooled(spec, "SELECT 1", { PGPASSWORD: "wrong" })).stderr).toContain("SASL");
  expect((await pooled(spec, "SELECT 1", { PGDATABASE: "shop" })).stderr).toContain(
    "no such database",
  );
  expect((await pooled(spec, "SELECT 1", { PGDATABASE: "pgbouncer" })).exitCode).toBe(2);
});

it("serves more clients than its server has connections", async () => {
  const { spec } = await startPooler("many", { max_connections: "8" });
  const environment = {
    PGHOST: spec.endpoint.host,
    PGPORT: String(spec.endpoint.port),
    PGUSER: APP.name,
    PGPASSWORD: APP.password,
    PGDATABASE: POOL.name,
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: test.authorityFile,
  };
  await runClient("pgbench", ["-i", "-q", "-I", "dtgp"], environment);
  const run = await runClient("pgbench", ["-n", "-c", "20", "-t", "20"], environment);
  expect(run.stdout).toContain("number of transactions actually processed: 400/400");
});

it("takes over a changed password and other pools while it runs", async () => {
  const { spec, backend } = await startPooler("changed");
  const pid = engines.pgbouncer.pid("changed");
  await engines.postgres.as(backend, "postgres", (client) =>
    client.query(`ALTER ROLE ${APP.name} PASSWORD 'renewed'`),
  );
  const session = { name: "sessions", database: "shop", mode: "session", size: 1 } as const;
  const changed = { ...spec, users: [await appOf(backend)], pools: [POOL, session] };
  await engines.pgbouncer.ensure(changed);
  const renewed = { PGPASSWORD: "renewed" };
  expect((await pooled(spec, "SELECT 1", renewed)).exitCode).toBe(0);
  expect((await pooled(spec, "SELECT 1", { ...renewed, PGDATABASE: "sessions" })).exitCode).toBe(0);
  expect((await pooled(spec, "SELECT 1")).exitCode).toBe(2);

  await engines.pgbouncer.ensure({ ...changed, pools: [session] });
  expect((await pooled(spec, "SELECT 1", renewed)).exitCode).toBe(2);
  expect(engines.pgbouncer.pid("changed")).toBe(pid);
});

it("comes back when its process or its server's is killed", async () => {
  const { spec, backend } = await startPooler("killed");
  expect((await pooled(spec, "CREATE TABLE kept ()")).exitCode).toBe(0);
  for (const pid of [engines.pgbouncer.pid("killed"), engines.postgres.pid(backend.id)]) {
    kill(pid);
    await expect
      .poll(async () => (await pooled(spec, "SELECT count(*) FROM kept")).stdout, {
        timeout: 60_000,
      })
      .toBe("0");
  }
});

it("refuses a pool by the name of its console, which nobody else may reach", async () => {
  const { spec } = await startPooler("console");
  const pools = [{ ...POOL, name: "pgbouncer" }];
  await expect(engines.pgbouncer.ensure({ ...spec, pools })).rejects.toThrow(
    '"pgbouncer" cannot be a pool\'s name',
  );
});
