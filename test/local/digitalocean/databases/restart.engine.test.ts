import { afterEach, expect, it } from "vitest";
import { requireCluster, writeCluster } from "../../../../local/digitalocean/databases/clusters.ts";
import { newUser } from "../../../../local/digitalocean/databases/credentials.ts";
import { databaseService } from "../../../../local/digitalocean/databases/index.ts";
import { startDigitalOcean, type TestDigitalOcean } from "../../../support/digitalocean.ts";
import { createOnline, eventually, POSTGRES, query, VALKEY, whenOnline } from "./clusters.ts";

let vendor: TestDigitalOcean;
afterEach(() => vendor.close());

/** The team of before, at the cloud of now. */
const restarted = async <T extends { apiToken: string }>(team: T) => {
  vendor = await vendor.restart();
  return { ...team, call: vendor.caller(team.apiToken) };
};

it("a creation, a fork and a resize that were cut off are gone on with", async () => {
  vendor = await startDigitalOcean();
  let team = vendor.team("staging");
  const cut = async (name: string, request: object) => {
    const { body } = await team.call("POST", "/v2/databases", { name, ...request });
    team = await restarted(team);
    return whenOnline(team, body.database.id);
  };
  const first = await cut("first", POSTGRES);
  await query(first.connection, first.ca, "CREATE TABLE kept AS SELECT 7 AS seven");
  await cut("cache", VALKEY);
  const fork = await cut("fork", { ...POSTGRES, backup_restore: { database_name: "first" } });
  const seven = "SELECT seven, current_setting('max_connections') AS most FROM kept";
  expect(await query(fork.connection, fork.ca, seven)).toEqual([{ seven: 7, most: "25" }]);
  await team.call("PUT", `${first.path}/resize`, { size: "db-s-2vcpu-4gb", num_nodes: 1 });
  team = await restarted(team);
  await whenOnline(team, first.id);
  expect(await query(first.connection, first.ca, seven)).toEqual([{ seven: 7, most: "100" }]);
  expect(databaseService.inventory?.(vendor.cloud, team.accountId)).toEqual({
    "PostgreSQL clusters": 2,
    "Valkey clusters": 1,
  });
});

it("data, users, pools and addresses are the same after a restart, and up once it has started", async () => {
  vendor = await startDigitalOcean();
  let team = vendor.team("staging");
  const cluster = await createOnline(team, "main");
  const { user } = (await team.call("POST", `${cluster.path}/users`, { name: "app" })).body;
  const request = { name: "app-pool", mode: "transaction", size: 3, db: "defaultdb", user: "app" };
  const { pool } = (await team.call("POST", `${cluster.path}/pools`, request)).body;
  await query(cluster.connection, cluster.ca, "ALTER ROLE app PASSWORD 'changed-by-sql'");
  await query(cluster.connection, cluster.ca, "CREATE TABLE kept AS SELECT 7 AS seven");

  team = await restarted(team);
  const { database } = (await team.call("GET", cluster.path)).body;
  expect(database).toMatchObject({ status: "online", connection: cluster.connection });
  const sql = "SELECT seven FROM kept";
  expect(await query(cluster.connection, cluster.ca, sql)).toEqual([{ seven: 7 }]);
  // What somebody has changed by SQL is theirs.
  const changed = { ...pool.connection, password: "changed-by-sql" };
  expect(await query(changed, cluster.ca, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await expect(query(pool.connection, cluster.ca, "SELECT 1")).rejects.toThrow("authentication");
  expect(user.password).toBe(pool.connection.password);
});

it("what was written down and not done when the cloud was killed is done at the next start", async () => {
  vendor = await startDigitalOcean();
  let team = vendor.team("staging");
  const cluster = await createOnline(team, "main");
  await team.call("POST", `${cluster.path}/dbs`, { name: "old" });
  await team.call("POST", `${cluster.path}/users`, { name: "leaver" });
  const deleted = await createOnline(team, "deleted", VALKEY);

  const { body } = requireCluster(vendor.cloud, team.accountId, cluster.id);
  const joiner = newUser(vendor.cloud.vault, "joiner");
  writeCluster(
    vendor.cloud,
    { account: team.accountId, id: cluster.id },
    {
      users: [...body.users.filter(({ name }) => name !== "leaver"), joiner],
      databases: ["defaultdb", "new"],
      pending: [
        { kind: "role", name: "joiner" },
        { kind: "drop-role", name: "leaver" },
        { kind: "database", name: "new" },
        { kind: "drop-database", name: "old" },
      ],
    },
  );
  writeCluster(vendor.cloud, { account: team.accountId, id: deleted.id }, { status: "deleting" });
  expect((await team.call("GET", deleted.path)).status).toBe(404);
  team = await restarted(team);

  const password = vendor.cloud.vault.open(joiner.password);
  const asJoiner = { ...cluster.connection, user: "joiner", password, database: "new" };
  expect(await query(asJoiner, cluster.ca, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  const names = "SELECT datname AS name FROM pg_database UNION ALL SELECT rolname FROM pg_roles";
  const rows = await query(cluster.connection, cluster.ca, names);
  const found = rows.map(({ name }) => name);
  expect(found).toEqual(expect.arrayContaining(["new", "joiner"]));
  expect(found).not.toContain("old");
  expect(found).not.toContain("leaver");
  expect(requireCluster(vendor.cloud, team.accountId, cluster.id).body.pending).toEqual([]);
  const again = await eventually(async () => {
    const { status, body } = await team.call("POST", "/v2/databases", {
      name: "deleted",
      ...VALKEY,
    });
    return status === 201 ? body.database : undefined;
  });
  await whenOnline(team, again.id);
});

it("a change that the server does not take is taken back, and told as an error", async () => {
  vendor = await startDigitalOcean();
  const team = vendor.team("staging");
  const cluster = await createOnline(team, "main");
  const { connection, ca, path } = cluster;
  const { user } = (await team.call("POST", `${path}/users`, { name: "owner" })).body;
  await team.call("POST", `${path}/dbs`, { name: "locked" });
  const locked = { ...connection, database: "locked" };
  await query(locked, ca, "GRANT CREATE ON SCHEMA public TO owner");
  const asOwner = { ...locked, user: "owner", password: user.password };
  await query(asOwner, ca, "CREATE TABLE hidden (id int)");
  // What is in a database that nobody may connect to cannot be given to somebody else.
  await query(connection, ca, "ALTER DATABASE locked ALLOW_CONNECTIONS false");

  const { status, body } = await team.call("DELETE", `${path}/users/owner`);
  expect([status, body.id]).toEqual([500, "server_error"]);
  expect((await team.call("GET", `${path}/users/owner`)).body).toEqual({ user });
  const again = { ...asOwner, database: "defaultdb" };
  expect(await query(again, ca, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  expect(requireCluster(vendor.cloud, team.accountId, cluster.id).body.pending).toEqual([]);
});
