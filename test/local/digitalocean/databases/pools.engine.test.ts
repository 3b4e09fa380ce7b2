import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clusterProcesses } from "../../../../local/digitalocean/databases/servers.ts";
import { isAlive } from "../../../../local/processes.ts";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../../support/digitalocean.ts";
import { createOnline, query, runClient, type TestCluster } from "./clusters.ts";

let vendor: TestDigitalOcean;
let team: TestTeam;
let cluster: TestCluster;

beforeAll(async () => {
  vendor = await startDigitalOcean();
  team = vendor.team("staging");
  cluster = await createOnline(team, "pooled");
  await call("POST", "/users", { name: "app" });
  await call("POST", "/dbs", { name: "shop" });
});
afterAll(() => vendor.close());

const call = (method: string, path: string, body?: unknown) =>
  team.call(method, cluster.path + path, body);
const pool = { name: "shop-pool", mode: "transaction", size: 10, db: "shop", user: "app" };
const poolerPid = () => clusterProcesses(vendor.cloud, team.accountId, cluster.id).pooler;
const whoAndWhere = "SELECT current_user AS who, current_database() AS what";

describe("pools", () => {
  it("have no process as long as there is none", async () => {
    expect((await call("GET", "/pools")).body).toEqual({ pools: [] });
    expect(poolerPid()).toBe(undefined);
  });

  it("are reached at the pooler's port by their name, as the user they are for", async () => {
    const { status, body } = await call("POST", "/pools", pool);
    expect(status).toBe(201);
    expect(body.pool).toMatchObject(pool);
    const { connection } = body.pool;
    expect(connection).toMatchObject({ database: "shop-pool", user: "app", ssl: true });
    expect(connection.host).toBe(cluster.connection.host);
    expect(connection.port).not.toBe(cluster.connection.port);
    expect(await query(connection, cluster.ca, whoAndWhere)).toEqual([
      { who: "app", what: "shop" },
    ]);
    expect((await call("GET", "/pools/shop-pool")).body).toEqual(body);
    expect((await call("GET", "/pools")).body.pools).toEqual([body.pool]);
  });

  it("carry pgbench with more clients than connections", async () => {
    const { password } = cluster.connection;
    const { body } = await call("POST", "/pools", {
      ...{ name: "bench", mode: "transaction", size: 4, db: "shop", user: "doadmin" },
    });
    const { connection } = body.pool;
    expect(connection.password).toBe(password);
    const shop = { ...cluster.connection, database: "shop" };
    await runClient("pgbench", ["-i", "-q", "-s", "1"], shop, cluster.ca);
    const shown = await runClient(
      "pgbench",
      ["-n", "-S", "-c", "30", "-j", "2", "-t", "20"],
      connection,
      cluster.ca,
    );
    expect(shown).toContain("number of transactions actually processed: 600/600");
    await call("DELETE", "/pools/bench");
  });

  it("take no more connections together than the plan leaves", async () => {
    const more = { ...pool, name: "more", size: 13 };
    const refused = await call("POST", "/pools", more);
    expect([refused.status, refused.body.message]).toEqual([
      422,
      "size: pools of 23 connections exceed the 22 that are available in a cluster of size db-s-1vcpu-1gb",
    ]);
    expect((await call("POST", "/pools", { ...more, size: 12 })).status).toBe(201);
    const { mode, db, user } = pool;
    const grown = await call("PUT", "/pools/shop-pool", { mode, db, user, size: 11 });
    expect(grown.status).toBe(422);
    expect((await call("DELETE", "/pools/more")).status).toBe(204);
    expect((await call("PUT", "/pools/shop-pool", { mode, db, user, size: 11 })).status).toBe(204);
    expect((await call("GET", "/pools/shop-pool")).body.pool.size).toBe(11);
  });

  it("are refused when taken or of something unknown, and keep what they use", async () => {
    for (const [request, message] of [
      [pool, "pool name is not available"],
      [{ ...pool, name: "other", db: "nothing" }, "db: database does not exist"],
      [{ ...pool, name: "other", user: "nobody" }, "user: user does not exist"],
      [{ ...pool, name: "other", mode: "rollercoaster" }, "mode"],
      [{ ...pool, name: "other", size: 0 }, "size"],
      [{ ...pool, name: "no" }, "name"],
      [{ ...pool, name: "pgbouncer" }, "name"],
    ] as const) {
      const { status, body } = await call("POST", "/pools", request);
      expect([status, body.message]).toEqual([422, expect.stringContaining(message)]);
    }
    for (const path of ["/dbs/shop", "/users/app"]) {
      const { status, body } = await call("DELETE", path);
      expect([status, body.message]).toEqual([422, expect.stringContaining('pool "shop-pool"')]);
    }
    const unknown = await call("GET", "/pools/nothing");
    expect([unknown.status, unknown.body.message]).toEqual([404, "connection pool not found"]);
  });

  it("know a password as soon as it is reset, and a pool's new database", async () => {
    const { connection } = (await call("GET", "/pools/shop-pool")).body.pool;
    const { user } = (await call("POST", "/users/app/reset_auth", {})).body;
    const other = { ...connection, password: user.password };
    await expect(query(connection, cluster.ca, "SELECT 1")).rejects.toThrow(
      "authentication failed",
    );
    expect(await query(other, cluster.ca, whoAndWhere)).toEqual([{ who: "app", what: "shop" }]);
    const change = { mode: "session", size: 3, db: "defaultdb", user: "app" };
    expect((await call("PUT", "/pools/shop-pool", change)).status).toBe(204);
    expect(await query(other, cluster.ca, whoAndWhere)).toEqual([
      { who: "app", what: "defaultdb" },
    ]);
  });

  it("without a user of their own serve whoever logs in", async () => {
    const open = { name: "open", mode: "transaction", size: 2, db: "shop" };
    const { body } = await call("POST", "/pools", open);
    expect(body.pool).toMatchObject({ user: null, connection: { user: "doadmin" } });
    const { user } = (await call("GET", "/users/app")).body;
    const asApp = { ...body.pool.connection, user: "app", password: user.password };
    expect(await query(asApp, cluster.ca, whoAndWhere)).toEqual([{ who: "app", what: "shop" }]);
    const asAdmin = await query(body.pool.connection, cluster.ca, whoAndWhere);
    expect(asAdmin).toEqual([{ who: "doadmin", what: "shop" }]);
    await call("DELETE", "/pools/open");
  });

  it("end their process with the last of them, and with the cluster", async () => {
    const { connection } = (await call("GET", "/pools/shop-pool")).body.pool;
    const pid = poolerPid() ?? 0;
    expect(isAlive(pid)).toBe(true);
    expect((await call("DELETE", "/pools/shop-pool")).status).toBe(204);
    expect([isAlive(pid), poolerPid()]).toEqual([false, undefined]);
    await expect(query(connection, cluster.ca, "SELECT 1")).rejects.toThrow("ECONNREFUSED");
    await call("POST", "/pools", pool);
    const again = poolerPid() ?? 0;
    await team.call("DELETE", cluster.path);
    expect(isAlive(again)).toBe(false);
  });
});
