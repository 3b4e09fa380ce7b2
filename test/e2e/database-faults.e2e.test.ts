import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { createClient } from "redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type ManagedDatabase,
  managedDatabases,
  variable,
  variablesOf,
} from "../support/data-clients.ts";
import { openTestEstate, stateResources, type TestEstate } from "../support/estate.ts";

const STACK = "dev";

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process below one, with its command line. */
function descendants(root: number): Row[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line): Row[] => {
      const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });
  const below = (pid: number): Row[] =>
    rows.flatMap((row) => (row.parent === pid ? [row, ...below(row.pid)] : []));
  return below(root);
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended with its parent.
  }
}

describe("kill -9 of a server while a client writes", () => {
  let estate: TestEstate;

  beforeAll(async () => {
    estate = openTestEstate(undefined, ["agentverse", "handled"]);
    const up = await estate.bulkhead("up", STACK, "--yes");
    expect(up, up.output).toMatchObject({ exitCode: 0 });
  }, 600_000);
  afterAll(() => estate.close());

  const urlOf = async (system: string, name: string) =>
    variable(await variablesOf(estate, STACK), system, name);

  /** The servers of a kind that the cloud itself started, without those that they started in turn. */
  async function serversOf(command: RegExp): Promise<number[]> {
    const { pid } = await estate.cloud();
    return descendants(pid)
      .filter((row) => row.parent === pid && command.test(row.command))
      .map((row) => row.pid);
  }

  /** Kills every server of a kind, and says whether as many others run in their place. */
  async function killAll(command: RegExp): Promise<() => Promise<boolean>> {
    const killed = await serversOf(command);
    expect(killed.length).toBeGreaterThan(0);
    killed.forEach(killIfAlive);
    return async () => {
      const now = await serversOf(command);
      return now.length === killed.length && now.every((pid) => !killed.includes(pid));
    };
  }

  it.each([
    ["PostgreSQL", /\/postgres -D /, "PRIMARY_DIRECT_URL"],
    ["PgBouncer", /\/pgbouncer /, "PRIMARY_DATABASE_URL"],
  ])(
    "%s keeps every acknowledged write and comes back by itself",
    async (name, command, variableName) => {
      const url = new URL(await urlOf("handled", variableName));
      const connect = async () => {
        const client = new Client({
          ...{ host: url.hostname, port: Number(url.port), database: url.pathname.slice(1) },
          ...{ user: url.username, password: decodeURIComponent(url.password) },
          ...{ connectionTimeoutMillis: 5000, ssl: { rejectUnauthorized: false } },
        });
        client.on("error", () => undefined);
        await client.connect();
        return client;
      };
      const table = `customer.fault_${name.toLowerCase()}`;
      await makeTable(table);
      const acknowledged = await writeAcross({
        connect,
        write: async (client, value) => {
          await client.query(`INSERT INTO ${table} VALUES ($1)`, [value]);
        },
        close: (client) => client.end(),
        kill: () => killAll(command),
      });
      const client = await connect();
      const { rows } = await client.query<{ value: number }>(`SELECT value FROM ${table}`);
      await client.end();
      expect(rows.map(({ value }) => value)).toEqual(expect.arrayContaining(acknowledged));
    },
  );

  async function makeTable(table: string): Promise<void> {
    const primary = (await managedDatabases(estate, STACK)).find(({ name }) =>
      name.startsWith("handled-primary"),
    );
    const administrator = new URL(primary?.connection.uri ?? "");
    const client = new Client({
      ...{ host: administrator.hostname, port: Number(administrator.port) },
      ...{ user: administrator.username, password: decodeURIComponent(administrator.password) },
      database: new URL(await urlOf("handled", "PRIMARY_DIRECT_URL")).pathname.slice(1),
      ssl: { rejectUnauthorized: false },
    });
    await client.connect();
    await client.query(`CREATE TABLE ${table} (value int PRIMARY KEY)`);
    await client.end();
  }

  it("Redis keeps every acknowledged write and comes back by itself", async () => {
    const url = await urlOf("agentverse", "REDIS_URL");
    const connect = async () => {
      const client = createClient({
        url,
        socket: { tls: true, rejectUnauthorized: false, reconnectStrategy: false },
      });
      client.on("error", () => undefined);
      await client.connect();
      return client;
    };
    const acknowledged = await writeAcross({
      connect,
      write: async (client, value) => {
        await client.sAdd("fault", String(value));
      },
      close: async (client) => client.destroy(),
      kill: () => killAll(/\/(valkey|redis)-server /),
    });
    const client = await connect();
    const members = await client.sMembers("fault");
    client.destroy();
    expect(members.map(Number)).toEqual(expect.arrayContaining(acknowledged));
  });
});

interface Writer<Connection> {
  readonly connect: () => Promise<Connection>;
  readonly write: (connection: Connection, value: number) => Promise<void>;
  readonly close: (connection: Connection) => Promise<void>;
  /** Kills the server; what it gives says whether another runs in its place. */
  readonly kill: () => Promise<() => Promise<boolean>>;
}

/** Writes that must be acknowledged before the fault, and after it. */
const WRITES = 100;

/**
 * Writes one number after another, through the fault and beyond it, with a new connection after each
 * error. @returns the numbers whose write the server has acknowledged.
 */
async function writeAcross<Connection>(writer: Writer<Connection>): Promise<number[]> {
  const acknowledged: number[] = [];
  const deadline = Date.now() + 180_000;
  let failures = 0;
  let fault: Promise<() => Promise<boolean>> | undefined;
  let connection: Connection | undefined;
  let wanted = WRITES;
  for (let value = 0; acknowledged.length < wanted; value++) {
    if (Date.now() > deadline) throw new Error("The server did not come back.");
    try {
      connection ??= await writer.connect();
      await writer.write(connection, value);
      acknowledged.push(value);
    } catch {
      failures += 1;
      if (connection !== undefined) await writer.close(connection).catch(() => undefined);
      connection = undefined;
      wanted = acknowledged.length + WRITES;
      await sleep(50);
    }
    if (fault === undefined && acknowledged.length === WRITES / 2) {
      // Goes on writing while the fault comes.
      fault = writer.kill();
      wanted = Number.POSITIVE_INFINITY;
    }
  }
  if (connection !== undefined) await writer.close(connection);
  expect(failures).toBeGreaterThan(0);
  const isBack = await fault;
  await expect.poll(() => isBack?.(), { timeout: 120_000 }).toBe(true);
  return acknowledged;
}

describe("kill -9 in the middle of `up`, when the first database cluster exists", () => {
  let estate: TestEstate;
  beforeEach(() => {
    estate = openTestEstate(undefined, ["agentverse"]);
  });
  afterEach(() => estate.close());

  /** What one environment of agentverse has at DigitalOcean's databases. */
  const CLUSTERS = ["agentverse-postgres-dev", "agentverse-redis-dev"];

  async function upUntilFirstCluster() {
    expect((await estate.bulkhead("local", "up")).exitCode).toBe(0);
    const up = estate.startBulkhead("up", STACK, "--yes");
    const deadline = Date.now() + 180_000;
    const clusters = () => managedDatabases(estate, STACK).catch((): ManagedDatabase[] => []);
    while ((await clusters()).length === 0) {
      if (Date.now() > deadline) throw new Error("The moment for the fault did not come.");
      await sleep(5);
    }
    return up;
  }

  async function completes(): Promise<void> {
    const up = await estate.bulkhead("up", STACK, "--yes");
    expect(up.exitCode, up.output).toBe(0);
    const clusters = await managedDatabases(estate, STACK);
    expect(clusters.map(({ name }) => name).sort()).toEqual(CLUSTERS);
    expect(clusters.map(({ status }) => status)).toEqual(["online", "online"]);
    const ids = stateResources(estate, STACK)
      .filter(({ type }) => type === "digitalocean:index/databaseCluster:DatabaseCluster")
      .map(({ id }) => id);
    expect(clusters.map(({ id }) => id).sort()).toEqual(ids.sort());
    const preview = JSON.parse((await estate.bulkhead("preview", STACK, "--json")).stdout);
    expect(Object.keys(preview.changes)).toEqual(["same"]);
  }

  it("of the local cloud: `up` says so, and the next one completes with nothing doubled", async () => {
    const up = await upUntilFirstCluster();
    process.kill((await estate.cloud()).pid, "SIGKILL");
    const interrupted = await up.done;
    expect(interrupted.exitCode).not.toBe(0);
    expect(interrupted.output).toContain("npx bulkhead local up");
    await completes();
  });

  it("of Pulumi: the next `up` completes with nothing doubled", async () => {
    const up = await upUntilFirstCluster();
    for (const { pid } of descendants(up.pid)) killIfAlive(pid);
    expect((await up.done).exitCode).not.toBe(0);
    await completes();
  });
});
