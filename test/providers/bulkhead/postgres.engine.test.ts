import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Engines, KeyPair, PostgresSpec } from "../../../local/engines/engines.ts";
import { openEngines } from "../../../local/engines/index.ts";
import type { BulkheadClient } from "../../../providers/bulkhead/client.ts";
import { draftName, markFor } from "../../../providers/bulkhead/postgres/mark.ts";
import { bulkheadProvider } from "../../../providers/bulkhead/provider.ts";
import { Journal } from "../../../providers/sdk/journal.ts";
import { Provider } from "../../../providers/sdk/provider.ts";
import { type PropertyMap, Secret } from "../../../providers/sdk/values.ts";

const TOKEN = "bulkhead:postgres:Database";
const ADMINISTRATOR = "administrator";
const ADMIN_PASSWORD = "admin-password-of-the-test";
const targetAt = (project: string, name = "orders") => ({
  urn: `urn:pulumi:staging::${project}::bulkhead:index:Scope$${TOKEN}::${name}`,
  type: TOKEN,
  name,
});
const TARGET = targetAt("shop");

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
    for (const role of ["app", "reader", "intruder"])
      await client.query(`DROP ROLE IF EXISTS ${role}`);
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

async function create(given: PropertyMap, target = TARGET) {
  const { inputs: checked, failures } = provider.check(target, {}, given);
  expect(failures).toEqual([]);
  return provider.create(target, checked);
}

/** What a refresh sees, and whether the next `up` of the same program would change something. */
async function refresh(made: { id: string; inputs: PropertyMap; outputs: PropertyMap }) {
  const found = await provider.read(TARGET, made.id, made.inputs, made.outputs);
  const { inputs: wanted } = provider.check(TARGET, found.inputs, made.inputs);
  return { ...found, changes: provider.diff(TARGET, found.inputs, found.outputs, wanted).changes };
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

describe("rights that nobody has declared", () => {
  /** Stands beside what is declared, so that each case has somebody to give a right to. */
  async function withIntruder(given: PropertyMap = inputs()) {
    const made = await create(given);
    await asAdministrator("CREATE ROLE intruder LOGIN PASSWORD 'intruder-password'");
    await asAdministrator("CREATE TABLE config.flags (id int)");
    expect((await refresh(made)).changes).toEqual([]);
    return made;
  }

  it.each<[string, string, { role: string; right: string; on: string }]>([
    [
      "CONNECT on the database",
      "GRANT CONNECT ON DATABASE orders TO intruder",
      { role: "intruder", right: "CONNECT", on: "database" },
    ],
    [
      "TEMPORARY of everybody",
      "GRANT TEMPORARY ON DATABASE orders TO PUBLIC",
      { role: "PUBLIC", right: "TEMPORARY", on: "database" },
    ],
    [
      "USAGE of everybody on a schema",
      "GRANT USAGE ON SCHEMA config TO PUBLIC",
      { role: "PUBLIC", right: "USAGE", on: "schema config" },
    ],
    [
      "CREATE of everybody on public",
      "GRANT CREATE ON SCHEMA public TO PUBLIC",
      { role: "PUBLIC", right: "CREATE", on: "schema public" },
    ],
    [
      "CREATE of its user on one schema",
      "GRANT CREATE ON SCHEMA config TO app",
      { role: "app", right: "CREATE", on: "schema config" },
    ],
    [
      "a right to hand on",
      "GRANT USAGE ON SCHEMA config TO app WITH GRANT OPTION",
      { role: "app", right: "GRANT OPTION FOR USAGE", on: "schema config" },
    ],
    [
      "SELECT on a table",
      "GRANT SELECT ON config.flags TO intruder",
      { role: "intruder", right: "SELECT", on: "table config.flags" },
    ],
    [
      "UPDATE of one column",
      "GRANT UPDATE (id) ON config.flags TO intruder",
      { role: "intruder", right: "UPDATE", on: "column config.flags.id" },
    ],
    [
      "SELECT of everybody on new tables",
      "ALTER DEFAULT PRIVILEGES IN SCHEMA config GRANT SELECT ON TABLES TO PUBLIC",
      { role: "PUBLIC", right: "SELECT", on: "new tables in config" },
    ],
    [
      "SELECT on new tables of any schema",
      "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO intruder",
      { role: "intruder", right: "SELECT", on: "new tables" },
    ],
    [
      "its user's membership",
      "GRANT intruder TO app",
      { role: "app", right: "MEMBER", on: "role intruder" },
    ],
    [
      "membership in its user",
      "GRANT app TO intruder",
      { role: "intruder", right: "MEMBER", on: "role app" },
    ],
    ["CREATEDB", "ALTER ROLE app CREATEDB", { role: "app", right: "CREATEDB", on: "server" }],
    ["CREATEROLE", "ALTER ROLE app CREATEROLE", { role: "app", right: "CREATEROLE", on: "server" }],
  ])("%s: a refresh shows it and the next update takes it away", async (_what, sql, right) => {
    const made = await withIntruder();
    await asAdministrator(sql);
    const found = await refresh(made);
    expect(found.inputs.undeclaredRights).toEqual([right]);
    expect(found.changes.map(({ path }) => path)).toEqual(["undeclaredRights[0]"]);
    const mended = await update({ ...found, id: made.id }, inputs());
    expect((await refresh(mended)).changes).toEqual([]);
  });

  it.each(["SUPERUSER", "BYPASSRLS", "REPLICATION"])(
    "%s: an administrator who may not take it away says who must; another takes it",
    async (right) => {
      const made = await withIntruder();
      await asSuperuser(`ALTER ROLE app ${right}`);
      const found = await refresh(made);
      expect(found.inputs.undeclaredRights).toEqual([{ role: "app", right, on: "server" }]);
      await expect(update({ ...found, id: made.id }, inputs())).rejects.toThrow(
        `Let a superuser, or whoever has granted it, run: ALTER ROLE "app" NO${right};`,
      );
      const { name, password } = spec.superuser;
      const boss = server({ user: name, password: new Secret(password) });
      const mended = await update({ ...found, id: made.id }, inputs({ server: boss }));
      expect((await refresh(mended)).changes).toEqual([]);
    },
  );

  it("leaves alone what roles of the vendors' own may do", async () => {
    const made = await withIntruder();
    const vendors = ["_doadmin_monitor", "_dodb_repl", "doadmin_group", "avnadmin_group"];
    for (const role of vendors) {
      await asSuperuser(`CREATE ROLE ${role}`);
      await asAdministrator(`GRANT CONNECT ON DATABASE orders TO ${role}; GRANT app TO ${role}`);
    }
    const { changes } = await refresh(made);
    for (const role of vendors)
      await asAdministrator(`REVOKE CONNECT ON DATABASE orders FROM ${role}`);
    for (const role of vendors) await asSuperuser(`DROP ROLE ${role}`);
    expect(changes).toEqual([]);
  });

  it("are found by an administrator of any name", async () => {
    await asSuperuser(
      `CREATE ROLE "Boss-Admin" LOGIN CREATEDB CREATEROLE PASSWORD '${ADMIN_PASSWORD}'`,
    );
    const given = inputs({ server: server({ user: "Boss-Admin" }) });
    const made = await create(given).catch((error: unknown) => ({ error }));
    const outcome =
      "error" in made
        ? made.error
        : await refresh(made).then(async ({ changes }) => {
            await provider.delete(TARGET, made.id, made.outputs);
            return changes;
          });
    await asSuperuser('DROP ROLE "Boss-Admin"').catch(() => undefined);
    expect(outcome).toEqual([]);
  });

  it("leaves alone what was granted in schemas that nobody has declared", async () => {
    const made = await withIntruder();
    await asAdministrator("CREATE SCHEMA audit; GRANT USAGE ON SCHEMA audit TO intruder");
    expect((await refresh(made)).changes).toEqual([]);
    await asAdministrator("GRANT USAGE ON SCHEMA audit TO app");
    expect((await refresh(made)).inputs.undeclaredRights).toEqual([
      { role: "app", right: "USAGE", on: "schema audit" },
    ]);
  });

  it("names schemas and extensions that are there beyond the declared, which stay", async () => {
    const made = await create(inputs());
    expect(made.outputs).toMatchObject({ undeclaredSchemas: [], undeclaredExtensions: [] });
    await asAdministrator("CREATE SCHEMA audit; CREATE EXTENSION citext");
    const found = await refresh(made);
    expect(found.outputs).toMatchObject({
      undeclaredSchemas: ["audit"],
      undeclaredExtensions: ["citext"],
    });
    expect(found.changes).toEqual([]);
  });

  it("end with the schema's declaration", async () => {
    const made = await withIntruder();
    expect(await asApp("SELECT * FROM config.flags")).toEqual([]);
    const changed = await update(made, inputs({ schemas: ["customer"] }));
    await expect(asApp("SELECT * FROM config.flags")).rejects.toThrow(/permission denied/);
    await asAdministrator("CREATE TABLE config.later (id int)");
    await expect(asApp("SELECT * FROM config.later")).rejects.toThrow(/permission denied/);
    expect(changed.outputs.undeclaredSchemas).toEqual(["config"]);
  });

  it("end with a vendor's user that is taken out together with the schema, while another comes", async () => {
    await asSuperuser("CREATE ROLE reader LOGIN PASSWORD 'reader-password'");
    await asSuperuser("GRANT reader TO administrator WITH ADMIN OPTION");
    const reader = { name: "reader", privileges: "readonly" };
    const made = await create(inputs({ roles: [reader] }));
    const rights = () =>
      asAdministrator("SELECT has_schema_privilege('reader', 'config', 'USAGE') AS usage");
    expect(await rights()).toEqual([{ usage: true }]);
    await update(made, inputs({ schemas: ["billing"], roles: [APP] }));
    expect(await rights()).toEqual([{ usage: false }]);
  });
});

describe("a limit of connections", () => {
  const limited = (change: PropertyMap) => inputs({ create: false, roles: [change] });
  const limit = async () =>
    (await asAdministrator("SELECT rolconnlimit AS n FROM pg_roles WHERE rolname = 'app'"))[0].n;

  it.each<[string, PropertyMap]>([
    ["that a vendor has made", { name: "app", privileges: "readwrite" }],
    ["that it makes", APP],
  ])("holds for a role %s, and its drift is seen and mended", async (_who, role) => {
    await asSuperuser("CREATE DATABASE orders OWNER administrator");
    if (role !== APP) await asSuperuser("CREATE ROLE app LOGIN PASSWORD 'app-password-1'");
    if (role !== APP) await asSuperuser("GRANT app TO administrator WITH ADMIN OPTION");
    const made = await create(limited({ ...role, connectionLimit: 1 }));
    const client = new Client({
      ...spec.endpoint,
      user: "app",
      password: "app-password-1",
      database: "orders",
      ssl: { ca: authority.certificate },
    });
    await client.connect();
    await expect(asApp("SELECT 1")).rejects.toThrow(/too many connections for role "app"/);
    await client.end();
    await asAdministrator("ALTER ROLE app CONNECTION LIMIT 7");
    const found = await refresh(made);
    expect(found.changes.map(({ path }) => path)).toEqual(["roles[0].connectionLimit"]);
    const mended = await update({ ...found, id: made.id }, made.inputs);
    expect(await limit()).toBe(1);
    await update(mended, limited(role));
    expect(await limit()).toBe(-1);
  });
});

describe("what is another's", () => {
  it("names in a comment whose the database and its roles are", async () => {
    await create(inputs());
    const mark = 'Made by Pulumi: shop/staging/orders, database "orders"';
    expect(
      await asAdministrator(
        "SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = 'orders' UNION ALL SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = 'app'",
      ),
    ).toEqual([{ mark }, { mark }]);
  });

  it("refuses another stack's database and role, and an unmarked one, until it is handed over", async () => {
    const other = await create(inputs());
    const thief = targetAt("thief");
    await expect(create(inputs(), thief)).rejects.toThrow(
      /a database "orders" already, which belongs to the Pulumi resource shop\/staging\/orders.*another name/,
    );
    expect(await asApp("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await provider.delete(TARGET, other.id, other.outputs);

    await asAdministratorOfServer("CREATE DATABASE orders");
    await expect(create(inputs())).rejects.toThrow(
      /a database "orders" already, which nobody has marked.*COMMENT ON DATABASE/,
    );
    await asAdministratorOfServer(
      `COMMENT ON DATABASE orders IS 'Made by Pulumi: shop/staging/orders, database "orders"'`,
    );
    const made = await create(inputs());
    expect(await asApp("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await provider.delete(TARGET, made.id, made.outputs);

    await asAdministratorOfServer("CREATE ROLE app LOGIN PASSWORD 'app-password-0'");
    await expect(create(inputs())).rejects.toThrow(/a role "app" already, which nobody has marked/);
    expect(await asSuperuser("SELECT FROM pg_database WHERE datname = 'orders'")).toMatchObject({
      rowCount: 0,
    });
  });

  it("refuses a role of another resource that an update would take over", async () => {
    const made = await create(inputs());
    await asAdministrator("CREATE ROLE reader LOGIN PASSWORD 'reader-password'");
    const reader = { ...APP, name: "reader" };
    await expect(update(made, inputs({ roles: [APP, reader] }))).rejects.toThrow(
      /a role "reader" already/,
    );
    expect(await run("app", "app-password-1", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("goes on with its own creation that was cut off before the database had its name", async () => {
    const draft = draftName(markFor(TARGET.urn, "orders"));
    await asAdministratorOfServer(`CREATE DATABASE ${draft}`);
    await create(inputs());
    expect(await asApp("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(await asSuperuser(`SELECT FROM pg_database WHERE datname = '${draft}'`)).toMatchObject({
      rowCount: 0,
    });
  });

  it("is not dropped, when the database was made anew by another", async () => {
    const made = await create(inputs());
    await asAdministratorOfServer(
      `COMMENT ON DATABASE orders IS 'Made by Pulumi: other/staging/orders, database "orders"'`,
    );
    await expect(provider.delete(TARGET, made.id, made.outputs)).rejects.toThrow(
      /made by another resource.*other\/staging\/orders.*pulumi state delete/,
    );
  });

  /** As a stack has it that was deployed before there were marks. */
  async function deployedBeforeMarks() {
    const { outputs, ...made } = await create(inputs());
    await asAdministratorOfServer(
      "COMMENT ON DATABASE orders IS NULL; COMMENT ON ROLE app IS NULL",
    );
    const { mark: _, undeclaredSchemas: _s, undeclaredExtensions: _e, ...old } = outputs;
    return { ...made, outputs: old };
  }
  const marks = async () =>
    (
      await asSuperuser(
        "SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = 'orders' UNION ALL SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = 'app'",
      )
    ).rows.map(({ mark }) => mark);

  it("goes on with what it made before there were marks, and marks it at its next change", async () => {
    const made = await deployedBeforeMarks();
    const found = await refresh(made);
    expect(found.changes).toEqual([]);
    const kept = { ...found, id: made.id };
    const changed = await update(kept, inputs({ schemas: ["config", "customer", "audit"] }));
    const mark = markFor(TARGET.urn, "orders");
    expect(changed.outputs.mark).toBe(mark);
    expect(await marks()).toEqual([mark, mark]);
  });

  it("goes with all that it made before there were marks", async () => {
    const made = await deployedBeforeMarks();
    await provider.delete(TARGET, made.id, made.outputs);
    expect(await marks()).toEqual([]);
  });

  it("leaves what another has marked, though its own state is older than marks", async () => {
    const made = await deployedBeforeMarks();
    const foreign = "IS 'Made by Pulumi: other/staging/orders, database \"orders\"'";
    await asAdministratorOfServer(`COMMENT ON ROLE app ${foreign}`);
    await update(made, inputs({ roles: [] }));
    expect(await marks()).toHaveLength(2);
    await asAdministratorOfServer(`COMMENT ON DATABASE orders ${foreign}`);
    await expect(provider.delete(TARGET, made.id, made.outputs)).rejects.toThrow(
      /made by another resource.*other\/staging\/orders/,
    );
  });

  it("lets a resource of a new name keep what it has made", async () => {
    const made = await create(inputs());
    const renamed = targetAt("shop", "renamed");
    const { inputs: checked } = provider.check(renamed, made.inputs, inputs({ extensions: [] }));
    const old = { inputs: made.inputs, state: made.outputs };
    const outputs = await provider.update(renamed, made.id, old, checked);
    expect(outputs.mark).toBe('Made by Pulumi: shop/staging/renamed, database "orders"');
    await provider.delete(renamed, made.id, outputs);
    await expect(asApp("SELECT 1")).rejects.toThrow(/authentication failed/);
  });

  it("leaves the users to the database that replaces one of another name", async () => {
    const made = await create(inputs());
    await create(inputs({ name: "bills" }));
    await provider.delete(TARGET, made.id, made.outputs);
    const { rows } = await asSuperuser("SELECT FROM pg_roles WHERE rolname = 'app'");
    expect(rows).toHaveLength(1);
    await asSuperuser("DROP DATABASE bills WITH (FORCE)");
  });

  it.each(["postgres", "template1", "doadmin", "defaultdb", "rdsadmin", "rds_x", "pg_x"])(
    "refuses the reserved name %s for a database and a role",
    (name) => {
      const failed = (given: PropertyMap) =>
        provider.check(TARGET, {}, given).failures.map(({ property }) => property);
      expect(failed(inputs({ name }))).toEqual(["name"]);
      expect(failed(inputs({ roles: [{ ...APP, name }] }))).toEqual(["roles[0].name"]);
      expect(failed(inputs())).toEqual([]);
    },
  );

  it("refuses its administrator as a role, and what only a refresh may say", () => {
    const boss = inputs({ server: server({ user: "boss" }), roles: [{ ...APP, name: "boss" }] });
    expect(provider.check(TARGET, {}, boss).failures).toHaveLength(1);
    const right = { role: "app", right: "CONNECT", on: "database" };
    expect(provider.check(TARGET, {}, inputs({ undeclaredRights: [right] })).failures).toHaveLength(
      1,
    );
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

const asAdministratorOfServer = async (sql: string) => {
  const client = new Client({
    ...spec.endpoint,
    user: ADMINISTRATOR,
    password: ADMIN_PASSWORD,
    database: "postgres",
    ssl: { ca: authority.certificate },
  });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

const asSuperuser = (sql: string) =>
  engines.postgres.as(spec, "postgres", (client) => client.query(sql));
