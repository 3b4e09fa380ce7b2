import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import pg from "pg";
import { onTestFinished } from "vitest";
import type { TestTeam } from "../../../support/digitalocean.ts";

/** How the API says that a database is reached. */
export interface Connection {
  readonly uri: string;
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface TestCluster {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly connection: Connection;
  /** PEM. */
  readonly ca: string;
}

const POLL_MS = 30;
const ONLINE_TIMEOUT_MS = 60_000;

export const POSTGRES = {
  engine: "pg",
  version: "17",
  size: "db-s-1vcpu-1gb",
  region: "fra1",
  num_nodes: 1,
} as const;

export const VALKEY = { ...POSTGRES, engine: "valkey", version: "8" } as const;

/** Creates a cluster and waits until it is online. */
export async function createOnline(
  team: TestTeam,
  name: string,
  request: object = POSTGRES,
): Promise<TestCluster> {
  const { status, body } = await team.call("POST", "/v2/databases", { name, ...request });
  if (status !== 201) throw new Error(`${name} was not created: ${JSON.stringify(body)}`);
  return whenOnline(team, body.database.id);
}

/** Waits until the cluster is online. */
export async function whenOnline(team: TestTeam, id: string): Promise<TestCluster> {
  const path = `/v2/databases/${id}`;
  const deadline = Date.now() + ONLINE_TIMEOUT_MS;
  for (;;) {
    const { body } = await team.call("GET", path);
    if (body.database.status === "online") {
      const { name, connection } = body.database;
      const answer = await team.call("GET", `${path}/ca`);
      const ca = Buffer.from(answer.body.ca.certificate, "base64").toString("utf8");
      return { id, name, path, connection, ca };
    }
    if (Date.now() > deadline) throw new Error(`${id} stays ${body.database.status}.`);
    await sleep(POLL_MS);
  }
}

/** Polls until `probe` gives something. */
export async function eventually<T>(probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + ONLINE_TIMEOUT_MS;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error("It did not happen in time.");
    await sleep(POLL_MS);
  }
}

/** A socket that connects from an address of its own. */
class SocketFrom extends Socket {
  readonly #localAddress: string;

  constructor(localAddress: string) {
    super();
    this.#localAddress = localAddress;
  }

  override connect(...args: unknown[]): this {
    const [port, host] = args as [number, string];
    return super.connect({ port, host, localAddress: this.#localAddress });
  }
}

/** Runs one statement as `verify-full` does, and answers its rows. */
export async function query(
  connection: Connection,
  ca: string,
  sql: string,
  { from }: { from?: string } = {},
): Promise<Record<string, unknown>[]> {
  const { host, port, user, password, database } = connection;
  const client = new pg.Client({
    host,
    port,
    user,
    password,
    database,
    ssl: { ca },
    ...(from === undefined ? {} : { stream: () => new SocketFrom(from) }),
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Runs a client program of PostgreSQL against the connection, verifying the server in full. */
export async function runClient(
  program: "psql" | "pgbench",
  args: readonly string[],
  { host, port, user, password, database }: Connection,
  ca: string,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-ca-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "ca.pem");
  writeFileSync(file, ca);
  const { stdout, stderr } = await execa(program, args, {
    env: {
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: file,
    },
  });
  return stdout + stderr;
}
