import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, it } from "vitest";
import { isAlive } from "../../../local/processes.ts";
import { runClient } from "../../support/programs.ts";
import { APP, APP_ACCESS, kill, psql, SUPERUSER, startPostgres, useEngines } from "./support.ts";

const test = useEngines();
const { engines, dataDir } = test;

it("serves psql and pg over TLS that they can check, and refuses all else", async () => {
  const spec = await startPostgres(test, "tls");
  expect(await psql(test, spec.endpoint, "SELECT 1 + 1")).toMatchObject({ stdout: "2" });
  const client = new pg.Client({
    ...spec.endpoint,
    user: APP.name,
    password: APP.password,
    database: "shop",
    ssl: { ca: test.authority.certificate },
  });
  await client.connect();
  const { rows } = await client.query(
    "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
  );
  expect(rows[0]).toEqual({ ssl: true, version: "TLSv1.3" });
  await client.end();

  const plain = await psql(test, spec.endpoint, "SELECT 1", { PGSSLMODE: "disable" });
  expect(plain.stderr).toContain("no encryption");
  const otherFile = join(dataDir, "other.crt");
  writeFileSync(otherFile, (await engines.authority("Another")).certificate);
  const other = await psql(test, spec.endpoint, "SELECT 1", { PGSSLROOTCERT: otherFile });
  expect(other.stderr).toContain("certificate verify failed");
  const wrong = await psql(test, spec.endpoint, "SELECT 1", { PGPASSWORD: "wrong" });
  expect(wrong.stderr).toContain("password authentication failed");
  expect((await psql(test, spec.endpoint, "SELECT 1")).exitCode).toBe(0);
});

it("keeps what was committed when its process is killed, and comes back without a call", async () => {
  const spec = await startPostgres(test, "killed");
  await psql(
    test,
    spec.endpoint,
    "CREATE TABLE notes (text text); INSERT INTO notes VALUES ('kept')",
  );
  const before = engines.postgres.pid("killed");
  kill(before);
  await expect
    .poll(async () => (await psql(test, spec.endpoint, "TABLE notes")).stdout, { timeout: 60_000 })
    .toBe("kept");
  expect(engines.postgres.pid("killed")).not.toBe(before);
  await expect.poll(() => engines.postgres.state("killed"), { timeout: 60_000 }).toBe("running");
  kill(engines.postgres.pid("killed"));
  // At once, before anybody can have noticed the end.
  await engines.postgres.ensure(spec);
  expect((await psql(test, spec.endpoint, "TABLE notes")).stdout).toBe("kept");
});

it("changes nothing when ensured again, access rules while it runs, and settings by a restart", async () => {
  const spec = await startPostgres(test, "changed");
  const pid = engines.postgres.pid("changed");
  await engines.postgres.ensure(spec);
  expect(engines.postgres.pid("changed")).toBe(pid);

  await engines.postgres.ensure({ ...spec, access: [] });
  expect(engines.postgres.pid("changed")).toBe(pid);
  expect((await psql(test, spec.endpoint, "SELECT 1")).stderr).toContain("no pg_hba.conf entry");
  await engines.postgres.ensure(spec);
  expect((await psql(test, spec.endpoint, "SELECT 1")).exitCode).toBe(0);

  await engines.postgres.ensure({ ...spec, settings: { work_mem: "5MB" } });
  expect(engines.postgres.pid("changed")).not.toBe(pid);
  expect((await psql(test, spec.endpoint, "SHOW work_mem")).stdout).toBe("5MB");
});

it("starts again on its data after a stop, and forgets all of it when removed", async () => {
  const spec = await startPostgres(test, "stopped");
  await psql(test, spec.endpoint, "CREATE TABLE kept (id int)");
  const pid = engines.postgres.pid("stopped") ?? 0;
  await engines.postgres.stop("stopped");
  expect(engines.postgres.state("stopped")).toBe("absent");
  expect(isAlive(pid)).toBe(false);
  await engines.postgres.ensure(spec);
  expect((await psql(test, spec.endpoint, "SELECT count(*) FROM kept")).stdout).toBe("0");
  await engines.postgres.remove("stopped");
  await expect(engines.postgres.as(spec, "postgres", async () => 1)).rejects.toThrow(
    "There is no postgres server stopped.",
  );
});

it("copies a running server's data, which neither changes with the other from then on", async () => {
  const source = await startPostgres(test, "source");
  await psql(test, source.endpoint, "CREATE TABLE t AS SELECT generate_series(1, 20000) AS id");
  const [endpoint] = await engines.endpoints([5432]);
  const target = {
    ...source,
    id: "target",
    endpoint,
    superuser: { ...SUPERUSER, password: "other" },
  };
  const pid = engines.postgres.pid("source");
  await Promise.all([
    engines.postgres.clone(source, target),
    runClient("pgbench", ["-i", "-q", "-I", "dtg"], {
      PGHOST: source.endpoint.host,
      PGUSER: APP.name,
      PGPASSWORD: APP.password,
      PGDATABASE: "shop",
      PGSSLMODE: "require",
    }),
  ]);
  expect(engines.postgres.pid("source")).toBe(pid);
  const count = async (at: typeof endpoint) =>
    (await psql(test, at, "SELECT count(*) FROM t")).stdout;
  expect(await count(endpoint)).toBe("20000");
  await psql(test, endpoint, "DELETE FROM t");
  expect([await count(source.endpoint), await count(endpoint)]).toEqual(["20000", "0"]);
  await engines.postgres.as(target, "shop", async (client) => {
    const { rows } = await client.query("SELECT current_setting('is_superuser') AS is");
    expect(rows).toEqual([{ is: "on" }]);
  });
});

it("shares nothing between two servers", async () => {
  const [one, two] = await Promise.all([startPostgres(test, "one"), startPostgres(test, "two")]);
  expect(one.endpoint).not.toEqual(two.endpoint);
  await engines.postgres.as(two, "postgres", (client) =>
    client.query(`ALTER ROLE ${APP.name} PASSWORD 'of-two'`),
  );
  const login = async (at: typeof one, PGPASSWORD: string) =>
    (await psql(test, at.endpoint, "SELECT 1", { PGPASSWORD })).exitCode;
  expect([await login(one, APP.password), await login(two, "of-two")]).toEqual([0, 0]);
  expect([await login(one, "of-two"), await login(two, APP.password)]).toEqual([2, 2]);
});

it("lets its superuser in from nowhere but this machine, whatever the rules allow to all", async () => {
  const spec = await startPostgres(test, "superuser");
  await engines.postgres.ensure({
    ...spec,
    access: [{ database: "all", user: "all", address: "0.0.0.0/0", method: "scram-sha-256" }],
  });
  const rules = readFileSync(join(dataDir, "engines/postgres/superuser/pg_hba.conf"), "utf8").split(
    "\n",
  );
  expect(rules.slice(0, 5).map((rule) => rule.split(/\s+/).slice(2).join(" "))).toEqual([
    `"${SUPERUSER.name}" 127.0.0.1/32 scram-sha-256`,
    `"${SUPERUSER.name}" ${spec.endpoint.host}/32 scram-sha-256`,
    `"${SUPERUSER.name}" 0.0.0.0/0 reject`,
    `"${SUPERUSER.name}" ::/0 reject`,
    "all 0.0.0.0/0 scram-sha-256",
  ]);
});

it("says why it does not start, and starts once the cause is gone", async () => {
  const spec = await startPostgres(test, "broken");
  const broken = { ...spec, settings: { shared_buffers: "not a size" } };
  await expect(engines.postgres.ensure(broken)).rejects.toThrow(
    /The postgres server broken does not run as asked\. .*invalid value for parameter "shared_buffers"/s,
  );
  expect(engines.postgres.state("broken")).toBe("failed");
  await engines.postgres.ensure(spec);
  expect(engines.postgres.state("broken")).toBe("running");
  const wrongRule = { ...APP_ACCESS[0], address: "somewhere" };
  await expect(engines.postgres.ensure({ ...spec, access: [wrongRule] })).rejects.toThrow(
    '"somewhere" is no CIDR',
  );
});

it("writes no password, statement or value into the log", async () => {
  const spec = await startPostgres(test, "quiet");
  await psql(test, spec.endpoint, "SELECT 'a-secret-value'::int");
  await psql(test, spec.endpoint, "ALTER ROLE nobody PASSWORD 'a-secret-value'");
  await psql(test, spec.endpoint, "SELECT 1", { PGPASSWORD: "a-secret-value" });
  const log = test.logLines.join("\n");
  expect(log).toContain('postgres quiet: FATAL:  password authentication failed for user "app"');
  for (const secret of ["a-secret-value", SUPERUSER.password, APP.password])
    expect(log).not.toContain(secret);
});
