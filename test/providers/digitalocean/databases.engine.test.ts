import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../support/digitalocean.ts";
import { type LossyProxy, startLossyProxy } from "../lossy-proxy.ts";
import { openScratchProject, type ScratchProject } from "../scratch-project.ts";

let vendor: TestDigitalOcean;
let team: TestTeam;
let proxy: LossyProxy;
let project: ScratchProject;

beforeAll(async () => {
  vendor = await startDigitalOcean();
  team = vendor.team("dev");
  proxy = await startLossyProxy(vendor.origin);
  project = await openScratchProject({
    DIGITALOCEAN_API_URL: proxy.url,
    DIGITALOCEAN_TOKEN: team.apiToken,
    PULUMI_DEBUG_COMMANDS: "true",
  });
});
afterAll(async () => {
  project?.close();
  await proxy?.close();
  await vendor?.close();
});

const HEAD = `
import { DatabaseCluster } from "@pulumi/digitalocean/databaseCluster.js";
import { DatabaseConnectionPool } from "@pulumi/digitalocean/databaseConnectionPool.js";
import { DatabaseDb } from "@pulumi/digitalocean/databaseDb.js";
import { DatabaseFirewall } from "@pulumi/digitalocean/databaseFirewall.js";
import { DatabasePostgresqlConfig } from "@pulumi/digitalocean/databasePostgresqlConfig.js";
import { DatabaseUser } from "@pulumi/digitalocean/databaseUser.js";
import { getDatabaseCaOutput } from "@pulumi/digitalocean/getDatabaseCa.js";
`;

interface Changes {
  readonly size?: string;
  readonly database?: string;
  readonly workMem?: number;
}

/** A cluster with a database, a login, a pool, a setting and a trusted source. */
const stack = ({
  size = "db-s-1vcpu-1gb",
  database = "orders",
  workMem = 8,
}: Changes = {}) => `${HEAD}
const cluster = new DatabaseCluster("primary", {
  name: "primary", engine: "pg", version: "17", size: "${size}", nodeCount: 1, region: "FRA1",
  tags: ["env:dev"], maintenanceWindows: [{ day: "sunday", hour: "04:00" }],
});
const clusterId = cluster.id;
const database = new DatabaseDb("orders", { clusterId, name: "${database}" });
const login = new DatabaseUser("app", { clusterId, name: "app" });
const pool = new DatabaseConnectionPool("pool", {
  clusterId, name: "orders_pool", dbName: database.name, mode: "transaction", size: 5, user: login.name,
});
new DatabasePostgresqlConfig("settings", { clusterId, workMem: ${workMem} });
new DatabaseFirewall("sources", { clusterId, rules: [{ type: "ip_addr", value: "127.0.0.0/8" }] });
export const id = cluster.id;
export const host = cluster.host;
export const port = cluster.port;
export const user = login.name;
export const password = login.password;
export const poolName = pool.name;
export const uri = cluster.uri;
export const ca = getDatabaseCaOutput({ clusterId }).certificate;
`;

const up = () => project.pulumi("up", "--yes", "--skip-preview");
const OK = { exitCode: 0 };

async function shownOutputs(): Promise<{ [name: string]: string }> {
  const { output } = await project.pulumi("stack", "output", "--json", "--show-secrets");
  return JSON.parse(output ?? "{}");
}

async function clusters(): Promise<{ id: string; name: string; size: string }[]> {
  return (await team.call("GET", "/v2/databases")).body.databases;
}

test("a database stack comes up, its login works, and preview and refresh change nothing", async () => {
  project.program(stack());
  expect((await project.pulumi("preview")).output).toContain("+ 7 to create");
  expect(await up()).toMatchObject(OK);
  const { host, port, user, password, ca } = await shownOutputs();
  const client = new Client({
    host,
    port: Number(port),
    user,
    password,
    database: "orders",
    ssl: { ca },
  });
  await client.connect();
  expect((await client.query("SHOW work_mem")).rows).toEqual([{ work_mem: "8MB" }]);
  await client.end();
  expect(await project.pulumi("preview", "--expect-no-changes")).toMatchObject(OK);
  const refresh = await project.pulumi("refresh", "--yes", "--expect-no-changes");
  expect(refresh).toMatchObject(OK);
});

test("no password, URI or token is in plaintext in the state", async () => {
  const { password = "", uri = "" } = await shownOutputs();
  expect(password.length).toBeGreaterThan(10);
  const admin = new URL(uri).password;
  const stacks = join(project.folder, "backend", ".pulumi", "stacks", "scratch");
  for (const file of readdirSync(stacks)) {
    const state = readFileSync(join(stacks, file), "utf8");
    for (const secret of [password, admin, uri, team.apiToken]) expect(state).not.toContain(secret);
  }
});

test("a size is changed in place, and another database's name replaces the database", async () => {
  project.program(stack({ size: "db-s-1vcpu-2gb", database: "renamed", workMem: 16 }));
  const { output } = await project.pulumi("preview", "--diff");
  expect(output).toMatch(/~ digitalocean:index\/databaseCluster:DatabaseCluster: \(update\)/);
  expect(output).toMatch(/\+-\s*digitalocean:index\/databaseDb:DatabaseDb: \(replace\)/);
  expect(await up()).toMatchObject(OK);
  const { id } = await shownOutputs();
  expect(await clusters()).toMatchObject([{ id, size: "db-s-1vcpu-2gb" }]);
  const { dbs } = (await team.call("GET", `/v2/databases/${id}/dbs`)).body;
  expect(dbs).toEqual([{ name: "defaultdb" }, { name: "renamed" }]);
  expect(await project.pulumi("preview", "--expect-no-changes")).toMatchObject(OK);
});

test("refresh sees what was changed or deleted behind Pulumi's back, and up repairs it", async () => {
  const { id } = await shownOutputs();
  await team.call("DELETE", `/v2/databases/${id}/pools/orders_pool`);
  await team.call("PUT", `/v2/databases/${id}/firewall`, { rules: [] });
  const { output } = await project.pulumi("refresh", "--yes", "--diff");
  expect(output).toMatch(
    /- digitalocean:index\/databaseConnectionPool:DatabaseConnectionPool: \(delete\)/,
  );
  expect(output).toMatch(/~ digitalocean:index\/databaseFirewall:DatabaseFirewall: \(update\)/);
  expect(await up()).toMatchObject(OK);
  const { rules } = (await team.call("GET", `/v2/databases/${id}/firewall`)).body;
  expect(rules).toMatchObject([{ type: "ip_addr", value: "127.0.0.0/8" }]);
  expect((await team.call("GET", `/v2/databases/${id}/pools`)).body.pools).toHaveLength(1);
});

test("what somebody else created is not adopted but can be imported, and is then clean", async () => {
  const { id } = await shownOutputs();
  await team.call("POST", `/v2/databases/${id}/dbs`, { name: "foreign" });
  const program = stack({ size: "db-s-1vcpu-2gb", database: "renamed", workMem: 16 });
  project.program(`${program}new DatabaseDb("theirs", { clusterId, name: "foreign" });`);
  const refused = await up();
  expect(refused.exitCode).not.toBe(0);
  const type = "digitalocean:index/databaseDb:DatabaseDb";
  expect(refused.output).toContain(`pulumi import ${type} theirs '${id},foreign'`);
  const flags = ["--yes", "--protect=false", "--generate-code=false"];
  const imported = await project.pulumi("import", type, "theirs", `${id},foreign`, ...flags);
  expect(imported).toMatchObject(OK);
  expect(await project.pulumi("preview", "--expect-no-changes")).toMatchObject(OK);
});

test("what the vendor refuses, or the engine does not have, is named with its remedy", async () => {
  project.program(
    `${stack()}new DatabaseCluster("bad", { engine: "pg", size: "db-s-1vcpu-1gb", nodeCount: 1, region: "fra1", evictionPolicy: "noeviction" });`,
  );
  const { exitCode, output } = await project.pulumi("preview");
  expect(exitCode).not.toBe(0);
  expect(output).toContain('"version" is missing');
  expect(output).toContain('"evictionPolicy" is for Redis and Valkey clusters');
});

test("destroy leaves nothing", async () => {
  expect(await project.pulumi("destroy", "--yes")).toMatchObject(OK);
  expect(await clusters()).toEqual([]);
});

const waiting = (options = "") => `${HEAD}
const cluster = new DatabaseCluster("slow", {
  name: "slow", engine: "pg", version: "17", size: "db-s-1vcpu-1gb", nodeCount: 1, region: "fra1",
}, { ${options} });
export const host = cluster.host;
`;

/** Lets no client see that a cluster is online. */
const stillCreating = (answer: string, url: string): string =>
  url.startsWith("/v2/databases")
    ? answer.replace('"status":"online"', '"status":"creating"')
    : answer;

test("a creation that takes too long ends clearly and keeps the cluster; the next up goes on", async () => {
  proxy.rewrite = stillCreating;
  project.program(waiting('customTimeouts: { create: "3s", update: "2m" }'));
  const events = join(project.folder, "events.log");
  const late = await project.pulumi("up", "--yes", "--skip-preview", "--event-log", events);
  expect(late.exitCode).not.toBe(0);
  expect(late.output).toMatch(
    /database cluster "slow" .* is not ready after 3 s of creating.*"creating".*Run `pulumi up` again/,
  );
  expect(readFileSync(events, "utf8")).toMatch(/"message":"[^"]*creating: [12] s/);

  const refresh = await project.pulumi("refresh", "--yes");
  expect(refresh.output).toContain('The database cluster "slow" is still creating');
  proxy.rewrite = (answer) => answer;
  const preview = await project.pulumi("preview");
  expect(preview.output).toContain("~ 1 to update");
  expect(await up()).toMatchObject(OK);
  expect((await project.outputs()).host).toMatch(/^127\./);
  expect(await clusters()).toHaveLength(1);
  expect(await project.pulumi("preview", "--expect-no-changes")).toMatchObject(OK);
  expect(await project.pulumi("destroy", "--yes")).toMatchObject(OK);
});

for (const [signal, how] of [
  ["SIGINT", "cancelled"],
  ["SIGKILL", "killed"],
] as const)
  test(`a run that is ${how} while a cluster is being created leaves one that the next up completes`, async () => {
    proxy.rewrite = stillCreating;
    project.program(waiting());
    const { pid, done } = project.start("up", "--yes", "--skip-preview");
    await vi.waitFor(async () => expect(await clusters()).toHaveLength(1), 60_000);
    process.kill(pid, signal);
    await done;
    proxy.rewrite = (answer) => answer;
    // A killed engine leaves its lock.
    if (signal === "SIGKILL") await project.pulumi("cancel", "--yes");
    expect(await up()).toMatchObject(OK);
    expect((await project.outputs()).host).toMatch(/^127\./);
    expect(await clusters()).toHaveLength(1);
    expect(await project.pulumi("preview", "--expect-no-changes")).toMatchObject(OK);
    expect(await project.pulumi("destroy", "--yes")).toMatchObject(OK);
  });

test("a creation whose answer was lost is adopted, in the same run and in the next one", async () => {
  proxy.loseAnswerTo("POST", "/databases");
  project.program(`${waiting()}new DatabaseCluster("lost", {
  name: "lost", engine: "pg", version: "17", size: "db-s-1vcpu-1gb", nodeCount: 1, region: "fra1",
});`);
  expect(await up()).toMatchObject(OK);
  const [first] = (await clusters()).filter(({ name }) => name === "slow");
  const login = (name: string) =>
    `new DatabaseUser("${name}", { clusterId: "${first?.id}", name: "${name}" });`;
  project.program(`${waiting()}${login("lost")}`);
  proxy.vanish = true;
  proxy.loseAnswerTo("POST", "/users");
  const cut = await up();
  expect(cut.exitCode).not.toBe(0);
  expect(cut.output).toMatch(/127\.0\.0\.1:\d+ does not answer.*npx bulkhead local up/);
  proxy.vanish = false;
  proxy.reachable = true;
  expect(await up()).toMatchObject(OK);
  const { users } = (await team.call("GET", `/v2/databases/${first?.id}/users`)).body;
  expect(users.map((each: { name: string }) => each.name)).toEqual(["doadmin", "lost"]);
  expect(await project.pulumi("destroy", "--yes")).toMatchObject(OK);
});

test("a Valkey cluster takes its eviction policy and settings, and gives them back", async () => {
  const valkey = (policy: string) => `
import { DatabaseCluster } from "@pulumi/digitalocean/databaseCluster.js";
import { DatabaseValkeyConfig } from "@pulumi/digitalocean/databaseValkeyConfig.js";
const cluster = new DatabaseCluster("cache", {
  engine: "valkey", version: "8", size: "db-s-1vcpu-1gb", nodeCount: 1, region: "fra1", ${policy}
});
new DatabaseValkeyConfig("settings", { clusterId: cluster.id, notifyKeyspaceEvents: "KEA", timeout: 600 });
export const name = cluster.name;
`;
  project.program(valkey('evictionPolicy: "allkeys_lru",'));
  expect(await up()).toMatchObject(OK);
  expect((await project.outputs()).name).toMatch(/^cache-[0-9a-f]{7}$/);
  const [cache] = await clusters();
  const policyOf = async () =>
    (await team.call("GET", `/v2/databases/${cache?.id}/eviction_policy`)).body.eviction_policy;
  expect(await policyOf()).toBe("allkeys_lru");
  expect(await project.pulumi("preview", "--diff", "--expect-no-changes")).toMatchObject(OK);
  const refresh = await project.pulumi("refresh", "--yes", "--diff", "--expect-no-changes");
  expect(refresh).toMatchObject(OK);
  project.program(valkey(""));
  expect(await up()).toMatchObject(OK);
  expect(await policyOf()).toBe("noeviction");
  expect(await project.pulumi("destroy", "--yes")).toMatchObject(OK);
});

test("another environment's token reaches nothing and is told so", async () => {
  const other = await openScratchProject({
    DIGITALOCEAN_API_URL: vendor.origin,
    DIGITALOCEAN_TOKEN: "dop_v1_wrong",
  });
  try {
    other.program(waiting());
    const { exitCode, output } = await other.pulumi("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/Unable to authenticate you \(code unauthorized\)\. Set the stack's/);
  } finally {
    other.close();
  }
});
