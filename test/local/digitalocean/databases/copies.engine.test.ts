import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  clustersOf,
  requireCluster,
  writeCluster,
} from "../../../../local/digitalocean/databases/clusters.ts";
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
  type TestCluster,
  whenOnline,
} from "./clusters.ts";

let vendor: TestDigitalOcean;
let team: TestTeam;
let source: TestCluster;

beforeAll(async () => {
  vendor = await startDigitalOcean();
  team = vendor.team("staging");
  source = await createOnline(team, "source");
  await team.call("POST", `${source.path}/users`, { name: "app" });
  await write("CREATE TABLE notes (text text)");
});
afterAll(() => vendor.close());

const write = (sql: string) => query(source.connection, source.ca, sql);
const notesIn = async ({ connection, ca }: TestCluster) => {
  const rows = await query(connection, ca, "SELECT text FROM notes ORDER BY text");
  return rows.map(({ text }) => text);
};
const copy = (name: string, backup_created_at?: string) => ({
  ...POSTGRES,
  name,
  backup_restore: { database_name: "source", backup_created_at },
});
const backups = async (count: number) =>
  eventually(async () => {
    const { body } = await team.call("GET", `${source.path}/backups`);
    return body.backups.length === count ? body.backups : undefined;
  });

describe("a fork", () => {
  it("begins with the data of now, with users and databases, and with passwords of its own", async () => {
    await write("INSERT INTO notes VALUES ('before the fork')");
    const { status, body } = await team.call("POST", "/v2/databases", copy("fork"));
    expect([status, body.database.status]).toEqual([201, "forking"]);
    const busy = await team.call("DELETE", source.path);
    expect([busy.status, busy.body.message]).toEqual([
      422,
      "The cluster is being copied to fork. Delete it once that is online.",
    ]);
    const fork = await whenOnline(team, body.database.id);
    await write("INSERT INTO notes VALUES ('after the fork')");
    expect(await notesIn(fork)).toEqual(["before the fork"]);
    const { users } = (await team.call("GET", `${fork.path}/users`)).body;
    expect(users.map(({ name }) => name)).toEqual(["doadmin", "app"]);
    const app = { ...fork.connection, user: "app", password: users[1]?.password ?? "" };
    expect(await query(app, fork.ca, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    const { password } = source.connection;
    const stolen = query({ ...fork.connection, password }, fork.ca, "SELECT 1");
    await expect(stolen).rejects.toThrow("password authentication failed");
    await team.call("DELETE", fork.path);
  });

  it("is refused of another team's cluster, of too little storage and of no such time", async () => {
    const refusal = async (by: TestTeam, request: object) => {
      const { status, body } = await by.call("POST", "/v2/databases", request);
      return [status, body.message];
    };
    const other = vendor.team("production");
    expect(await refusal(other, copy("theirs"))).toEqual([
      422,
      expect.stringContaining('there is no cluster "source"'),
    ]);
    expect(await refusal(team, copy("early", "2019-01-31T19:25:22Z"))).toEqual([
      422,
      expect.stringContaining("has no backup of 2019-01-31T19:25:22Z"),
    ]);
  });
});

describe("backups", () => {
  it("are made by themselves, daily, a few of them, and are what a restore begins with", async () => {
    const [first] = await backups(1);
    expect(first).toMatchObject({ created_at: expect.stringMatching(/^[\dT:-]+Z$/) });
    expect(first?.size_gigabytes).toBeGreaterThan(0.01);
    await write("TRUNCATE notes");
    await write("INSERT INTO notes VALUES ('between the backups')");
    age();
    await backups(2);
    await write("DROP TABLE notes");

    const [older, newer] = (await team.call("GET", `${source.path}/backups`)).body.backups;
    const at = async (name: string, time: string | undefined) => {
      const { body } = await team.call("POST", "/v2/databases", copy(name, time));
      return whenOnline(team, body.database.id);
    };
    const restored = await at("restored", newer?.created_at);
    expect(await notesIn(restored)).toEqual(["between the backups"]);
    const earlier = await at("earlier", older?.created_at);
    expect(await notesIn(earlier)).toEqual(["after the fork", "before the fork"]);
    await expect(notesIn(source)).rejects.toThrow("does not exist");

    for (const count of [3, 3]) {
      const before = clustersOf(vendor.cloud).get(team.accountId, source.id)?.body.backups.at(-1);
      age();
      await backups(count);
      await eventually(async () => {
        const { body } = requireCluster(vendor.cloud, team.accountId, source.id);
        const isNew = body.backups.at(-1)?.serverId !== before?.serverId;
        return isNew && body.discarded.length === 0 ? true : undefined;
      });
    }
    const folders = () => readdirSync(join(vendor.cloud.dataDir, "engines/postgres"));
    const of = (id: string) => folders().filter((name) => name.startsWith(`do-${id}`));
    expect(of(source.id)).toHaveLength(4);
    expect((await team.call("DELETE", source.path)).status).toBe(204);
    expect(of(source.id)).toEqual([]);
  });
});

/** Makes the backups a day older than they are. */
function age(): void {
  const cluster = requireCluster(vendor.cloud, team.accountId, source.id);
  const backups = cluster.body.backups.map((backup) => ({
    ...backup,
    createdAt: new Date(Date.parse(backup.createdAt) - 86_400_000)
      .toISOString()
      .replace(".000Z", "Z"),
  }));
  writeCluster(vendor.cloud, cluster, { backups });
}
