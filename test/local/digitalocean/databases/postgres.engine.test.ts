import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clusterProcesses } from "../../../../local/digitalocean/databases/servers.ts";
import { isAlive } from "../../../../local/processes.ts";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../../support/digitalocean.ts";
import {
  createOnline,
  eventually,
  POSTGRES,
  query,
  runClient,
  type TestCluster,
  whenOnline,
} from "./clusters.ts";

let vendor: TestDigitalOcean;
let staging: TestTeam;
let production: TestTeam;
let cluster: TestCluster;

beforeAll(async () => {
  vendor = await startDigitalOcean();
  staging = vendor.team("staging");
  production = vendor.team("production");
  cluster = await createOnline(staging, "main");
});
afterAll(() => vendor.close());

const call = (method: string, path: string, body?: unknown) =>
  staging.call(method, cluster.path + path, body);
const refused = async (method: string, path: string, body?: unknown) => {
  const answer = await call(method, path, body);
  expect(answer.body).toMatchObject({ id: expect.any(String), request_id: expect.any(String) });
  return [answer.status, answer.body.message];
};
const as = (user: { name: string; password: string }, database = "defaultdb") => ({
  ...cluster.connection,
  user: user.name,
  password: user.password,
  database,
});
const newUser = async (name: string) => (await call("POST", "/users", { name })).body.user;

describe("a PostgreSQL cluster", () => {
  it("is creating at first, shows its connection at once, and is not ready until it is online", async () => {
    const created = await staging.call("POST", "/v2/databases", {
      name: "states",
      ...POSTGRES,
      tags: ["states"],
      private_network_uuid: "",
      project_id: "",
      rules: null,
    });
    const { database } = created.body;
    expect([created.status, database.status]).toEqual([201, "creating"]);
    expect(database.connection.uri).toMatch(/^postgresql:\/\/doadmin:AVNS_[\w-]{19}@127\./);
    const early = await staging.call("POST", `/v2/databases/${database.id}/dbs`, { name: "early" });
    expect([early.status, early.body.message]).toEqual([
      409,
      "The cluster is not ready: it is creating. Try again once it is online.",
    ]);
    const taken = await staging.call("POST", "/v2/databases", { name: "states", ...POSTGRES });
    expect([taken.status, taken.body.message]).toEqual([422, "cluster name is not available"]);
    const tagged = await staging.call("GET", "/v2/databases?tag_name=states");
    expect(tagged.body.databases.map(({ name }) => name)).toEqual(["states"]);
    // Deleting waits for what is under way, and leaves nothing behind.
    const path = `/v2/databases/${database.id}`;
    expect((await staging.call("DELETE", path)).status).toBe(204);
    expect((await staging.call("GET", path)).status).toBe(404);
    expect(clusterProcesses(vendor.cloud, staging.accountId, database.id).server).toBe(undefined);
  });

  it("is the vendor's version with the plan's connections, for psql and pg with the served authority", async () => {
    const { body } = await staging.call("GET", cluster.path);
    expect(body.database).toMatchObject({
      engine: "pg",
      version: "17",
      semantic_version: "17.10",
      num_nodes: 1,
      storage_size_mib: 10_240,
      db_names: ["defaultdb"],
      maintenance_window: { day: "monday", pending: false },
    });
    const [row] = await query(
      cluster.connection,
      cluster.ca,
      "SELECT current_setting('max_connections') AS most, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user",
    );
    expect(row).toEqual({ most: "25", rolsuper: false, rolcreatedb: true, rolcreaterole: true });
    const shown = await runClient(
      "psql",
      ["-Atc", "SHOW server_version"],
      cluster.connection,
      cluster.ca,
    );
    expect(shown).toContain("17.10");
  });

  it("refuses a connection without TLS and one that trusts another team's authority", async () => {
    const plain = runClient("psql", ["sslmode=disable"], cluster.connection, cluster.ca);
    await expect(plain).rejects.toThrow(/no pg_hba.conf entry|no encryption/);
    const other = await createOnline(production, "main");
    await expect(query(cluster.connection, other.ca, "SELECT 1")).rejects.toThrow(/certificate/);
  });

  it("is found by its own team alone, and its password opens no other team's cluster", async () => {
    expect((await production.call("GET", cluster.path)).status).toBe(404);
    expect((await production.call("DELETE", cluster.path)).status).toBe(404);
    expect((await production.call("POST", `${cluster.path}/users`, { name: "spy" })).status).toBe(
      404,
    );
    const { databases } = (await production.call("GET", "/v2/databases")).body;
    expect(databases).toHaveLength(1);
    const { connection, ca } = await whenOnline(production, databases[0]?.id ?? "");
    const { host, port, password } = connection;
    const ours = { ...cluster.connection, host, port };
    await expect(query(ours, ca, "SELECT 1")).rejects.toThrow("password authentication failed");
    expect(await query({ ...ours, password }, ca, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });
});

describe("users", () => {
  it("log in with the password they got, until it is reset", async () => {
    const user = await newUser("reset-me");
    expect(user).toMatchObject({ role: "normal", password: expect.stringMatching(/^AVNS_/) });
    expect(await query(as(user), cluster.ca, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    const reset = (await call("POST", "/users/reset-me/reset_auth", {})).body.user;
    expect(reset.password).not.toBe(user.password);
    await expect(query(as(user), cluster.ca, "SELECT 1")).rejects.toThrow("authentication failed");
    expect(await query(as(reset), cluster.ca, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    const admin = (await call("POST", "/users/doadmin/reset_auth")).body.user;
    await expect(query(cluster.connection, cluster.ca, "SELECT 1")).rejects.toThrow("failed");
    cluster = { ...cluster, connection: { ...cluster.connection, password: admin.password } };
    expect(await query(cluster.connection, cluster.ca, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("may replicate when they are allowed to, and no longer when they are not", async () => {
    const settings = { pg_allow_replication: true };
    const { body } = await call("POST", "/users", { name: "replicator", settings });
    expect(body.user.settings).toEqual(settings);
    const may = async () => {
      const sql = "SELECT rolreplication FROM pg_roles WHERE rolname = 'replicator'";
      return (await query(cluster.connection, cluster.ca, sql))[0]?.rolreplication;
    };
    expect(await may()).toBe(true);
    await call("PUT", "/users/replicator", { settings: { pg_allow_replication: false } });
    expect(await may()).toBe(false);
  });

  it("leave what they own to the administrator when they are deleted", async () => {
    const user = await newUser("owner");
    const grant = 'GRANT CREATE ON SCHEMA public TO "owner"';
    await query(cluster.connection, cluster.ca, grant);
    await query(as(user), cluster.ca, "CREATE TABLE left_behind AS SELECT 7 AS seven");
    expect((await call("DELETE", "/users/owner")).status).toBe(204);
    await expect(query(as(user), cluster.ca, "SELECT 1")).rejects.toThrow("authentication failed");
    const sql = "SELECT tableowner FROM pg_tables WHERE tablename = 'left_behind'";
    const owners = await query(cluster.connection, cluster.ca, sql);
    expect(owners).toEqual([{ tableowner: "doadmin" }]);
  });

  it("are refused when taken by SQL or the API, reserved, unknown, or the default one", async () => {
    await query(cluster.connection, cluster.ca, "CREATE ROLE by_sql");
    for (const name of ["by_sql", "doadmin", "_dodb"]) {
      expect(await refused("POST", "/users", { name })).toEqual([422, "user already exists"]);
    }
    expect(await refused("POST", "/users", { name: "pg_spy" })).toEqual([
      422,
      expect.stringContaining("reserved"),
    ]);
    expect(await refused("POST", "/users", { name: "a b" })).toEqual([
      422,
      expect.stringContaining("name"),
    ]);
    expect(await refused("GET", "/users/nobody")).toEqual([404, "user not found"]);
    expect(await refused("DELETE", "/users/doadmin")).toEqual([
      422,
      "The default user cannot be deleted.",
    ]);
  });
});

describe("databases", () => {
  it("are the administrator's, and are gone with their clients when they are deleted", async () => {
    expect((await call("POST", "/dbs", { name: "shop" })).body).toEqual({ db: { name: "shop" } });
    expect((await call("GET", "/dbs/shop")).body).toEqual({ db: { name: "shop" } });
    const shop = { ...cluster.connection, database: "shop" };
    await query(shop, cluster.ca, "CREATE TABLE orders (id int)");
    expect((await call("DELETE", "/dbs/shop")).status).toBe(204);
    await expect(query(shop, cluster.ca, "SELECT 1")).rejects.toThrow("does not exist");
    expect((await call("GET", "/dbs")).body).toEqual({ dbs: [{ name: "defaultdb" }] });
  });

  it("are refused when taken by SQL or the API, unknown, or the default one", async () => {
    await query(cluster.connection, cluster.ca, "CREATE DATABASE by_sql");
    for (const name of ["by_sql", "defaultdb", "postgres"]) {
      expect(await refused("POST", "/dbs", { name })).toEqual([422, "database already exists"]);
    }
    expect(await refused("DELETE", "/dbs/nothing")).toEqual([404, "database not found"]);
    expect(await refused("DELETE", "/dbs/defaultdb")).toEqual([
      422,
      "The default database cannot be deleted.",
    ]);
  });
});

describe("settings", () => {
  it("are taken over by the server, and shown with those that nobody changed", async () => {
    const config = {
      work_mem: 16,
      timezone: "Europe/Berlin",
      idle_in_transaction_session_timeout: 9000,
    };
    expect((await call("PATCH", "/config", { config })).status).toBe(200);
    expect((await call("GET", "/config")).body.config).toMatchObject({ ...config, jit: false });
    const [row] = await query(
      cluster.connection,
      cluster.ca,
      "SELECT current_setting('work_mem') AS memory, current_setting('TimeZone') AS zone, current_setting('idle_in_transaction_session_timeout') AS idle",
    );
    expect(row).toEqual({ memory: "16MB", zone: "Europe/Berlin", idle: "9s" });
  });

  it("are refused when unknown, out of range or not the server's, and none of them stays", async () => {
    const before = (await call("GET", "/config")).body;
    for (const [config, message] of [
      [{ max_connections: 500 }, "max_connections"],
      [{ work_mem: 5000 }, "config.work_mem"],
      [{ work_mem: 32, timezone: "Mars/Phobos" }, "config.timezone"],
    ] as const) {
      const answer = await refused("PATCH", "/config", { config });
      expect(answer).toEqual([422, expect.stringContaining(message)]);
    }
    expect((await call("GET", "/config")).body).toEqual(before);
  });

  it("of other engines are refused", async () => {
    const unsupported = [422, "operation is not supported for this cluster type"];
    expect(await refused("GET", "/eviction_policy")).toEqual(unsupported);
    expect(await refused("PUT", "/eviction_policy", {})).toEqual(unsupported);
    expect(await refused("GET", "/sql_mode")).toEqual(unsupported);
    expect(await refused("PUT", "/sql_mode", { sql_mode: "ANSI" })).toEqual(unsupported);
  });
});

describe("trusted sources", () => {
  const from = "127.0.0.9";
  const one = "SELECT 1 AS one";

  it("keep everybody else out of the server and of its pools, until there is none again", async () => {
    const pool = { name: "guarded", mode: "session", size: 2, db: "defaultdb", user: "doadmin" };
    const made = await call("POST", "/pools", pool);
    const ways = [cluster.connection, made.body.pool.connection];
    const rows = async (options?: { from: string }) =>
      Promise.all(ways.map((way) => query(way, cluster.ca, one, options)));
    const letIn = [[{ one: 1 }], [{ one: 1 }]];
    expect(await rows({ from })).toEqual(letIn);

    const rules = [{ type: "ip_addr", value: "10.1.0.0/16", uuid: "", cluster_uuid: "" }];
    expect((await call("PUT", "/firewall", { rules })).status).toBe(204);
    for (const way of ways) {
      await expect(query(way, cluster.ca, one, { from })).rejects.toThrow(
        /pg_hba|no such|rejected|login/,
      );
    }
    expect(await rows()).toEqual(letIn);
    const { body } = await call("GET", "/firewall");
    expect(body.rules).toMatchObject([
      { type: "ip_addr", value: "10.1.0.0/16", cluster_uuid: cluster.id, uuid: expect.any(String) },
    ]);

    const named = [...body.rules, { type: "ip_addr", value: from }, { type: "tag", value: "web" }];
    await call("PUT", "/firewall", { rules: named });
    expect(await rows({ from })).toEqual(letIn);
    await call("PUT", "/firewall", { rules: [] });
    expect(await rows({ from })).toEqual(letIn);
    await call("DELETE", "/pools/guarded");
  });
});

describe("what a cluster is", () => {
  it("is resized in the background to more, never to less", async () => {
    const resize = { size: "db-s-1vcpu-2gb", num_nodes: 2 };
    expect((await call("PUT", "/resize", resize)).status).toBe(202);
    expect((await staging.call("GET", cluster.path)).body.database.status).toBe("resizing");
    await whenOnline(staging, cluster.id);
    const sql = "SELECT current_setting('max_connections') AS most";
    expect(await query(cluster.connection, cluster.ca, sql)).toEqual([{ most: "50" }]);
    expect((await staging.call("GET", cluster.path)).body.database).toMatchObject({
      ...resize,
      storage_size_mib: 30_720,
    });
    expect(await refused("PUT", "/resize", { size: "db-s-1vcpu-1gb", num_nodes: 1 })).toEqual([
      422,
      expect.stringContaining("less memory"),
    ]);
  });

  it("keeps its maintenance window and its events, and refuses what the local cloud cannot do", async () => {
    expect((await call("PUT", "/maintenance", { day: "Sunday", hour: "14:00" })).status).toBe(204);
    const { body } = await staging.call("GET", cluster.path);
    expect(body.database.maintenance_window).toMatchObject({ day: "sunday", hour: "14:00" });
    const { events } = (await call("GET", "/events")).body;
    expect(events[0]).toMatchObject({ cluster_name: "main", event_type: "cluster_create" });
    expect((await call("GET", "/replicas")).body).toEqual({ replicas: [] });
    for (const [method, path, request] of [
      ["POST", "/replicas", { name: "reader" }],
      ["PUT", "/migrate", { region: "nyc1" }],
      ["PUT", "/upgrade", { version: "18" }],
      ["PUT", "/upgrade", { version: "17" }],
      ["PUT", "/install_update", undefined],
      ["PUT", "/maintenance", { day: "someday", hour: "14:00" }],
    ] as const) {
      expect(await refused(method, path, request), path).toEqual([422, expect.any(String)]);
    }
    expect(await refused("GET", "/topics")).toEqual([404, expect.any(String)]);
  });

  it("runs again by itself after its server was killed, and ends with its servers", async () => {
    const { server } = clusterProcesses(vendor.cloud, staging.accountId, cluster.id);
    if (server === undefined) throw new Error("The server has no process.");
    process.kill(server, "SIGKILL");
    const rows = await eventually(() =>
      query(cluster.connection, cluster.ca, "SELECT seven FROM left_behind").catch(() => undefined),
    );
    expect(rows).toEqual([{ seven: 7 }]);
    const again = clusterProcesses(vendor.cloud, staging.accountId, cluster.id).server ?? 0;
    expect((await staging.call("DELETE", cluster.path)).status).toBe(204);
    expect(isAlive(again)).toBe(false);
    expect((await staging.call("GET", cluster.path)).status).toBe(404);
    const reused = await staging.call("POST", "/v2/databases", { name: "main", ...POSTGRES });
    expect(reused.status).toBe(201);
  });

  it("has none of its passwords in the log", async () => {
    expect(vendor.logLines.join("\n")).not.toMatch(/AVNS_|SCRAM-SHA-256\$/);
  });
});
