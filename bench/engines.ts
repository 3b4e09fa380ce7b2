import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { createClient } from "redis";
import { readCredentials } from "../local/daemon.ts";
import { readProgram } from "../local/engines/programs.ts";
import { type Command, own, spawnAsServerUser } from "../local/engines/server-user.ts";
import { openTestEstate } from "../test/support/estate.ts";
import { compare, megabytes } from "./measure.ts";

const RUNS = 5;
const LOOPBACK = "127.0.0.1";
const POLL_MS = 20;
const START_TIMEOUT_MS = 60_000;

type Engine = "postgres" | "valkey" | "pgbouncer";

/** One kind of server: made by hand, and by the local cloud's API. Each run makes one more. */
interface Job {
  readonly engine: Engine;
  readonly title: string;
  readonly byHandName: string;
  readonly byHand: (folder: string, port: number) => Promise<void>;
  readonly byApi: (call: ApiCall, run: number) => Promise<void>;
}

type ApiCall = (method: string, path: string, body?: object) => Promise<ApiAnswer>;

/** The parts of DigitalOcean's answers that are looked at. */
interface ApiAnswer {
  readonly database: { readonly id: string; readonly status: string };
  readonly databases: readonly { readonly id: string; readonly engine: string }[];
  readonly pool: { readonly connection: Login };
}

interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const JOBS: readonly Job[] = [
  {
    engine: "postgres",
    title: "a PostgreSQL server, until it answers",
    byHandName: "initdb, pg_ctl start",
    async byHand(folder, port) {
      const bin = dirname(readProgram("postgres", process.env).path);
      const data = join(folder, "data");
      await toItsEnd({ program: join(bin, "initdb"), args: ["-D", data, "-U", "bench"] });
      const options = `-c listen_addresses=${LOOPBACK} -p ${port} -k ''`;
      const log = join(folder, "log");
      const args = ["-D", data, "-l", log, "-o", options, "-w", "start"];
      await toItsEnd({ program: join(bin, "pg_ctl"), args });
    },
    byApi: (call, run) => createCluster(call, { name: `pg-${run}`, engine: "pg", version: "17" }),
  },
  {
    engine: "valkey",
    title: "a Valkey server, until it answers",
    byHandName: "redis-server",
    async byHand(folder, port) {
      const settings = {
        bind: LOOPBACK,
        port: String(port),
        dir: folder,
        appendonly: "yes",
        "set-proc-title": "no",
      };
      const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
      await started({ program: readProgram("valkey", process.env).path, args });
      await answers(async () => {
        const client = createClient({
          socket: { host: LOOPBACK, port, reconnectStrategy: false },
        });
        client.on("error", () => undefined);
        await client.connect();
        client.destroy();
      });
    },
    byApi: (call, run) =>
      createCluster(call, { name: `valkey-${run}`, engine: "valkey", version: "8" }),
  },
  {
    engine: "pgbouncer",
    title: "a pooler for a server that runs, until it lets somebody in",
    byHandName: "pgbouncer",
    async byHand(folder, port) {
      const [file, users] = [join(folder, "pgbouncer.ini"), join(folder, "users.txt")];
      writeFileSync(users, '"bench" ""\n');
      writeFileSync(
        file,
        `[pgbouncer]\nlisten_addr = ${LOOPBACK}\nlisten_port = ${port}\nunix_socket_dir =\n` +
          `auth_type = trust\nauth_file = ${users}\nadmin_users = bench\n`,
      );
      await started({ program: readProgram("pgbouncer", process.env).path, args: [file] });
      await answers(() =>
        logIn({ host: LOOPBACK, port, user: "bench", password: "", database: "pgbouncer" }, false),
      );
    },
    async byApi(call, run) {
      const { databases } = await call("GET", "/v2/databases");
      const cluster = databases.filter(({ engine }) => engine === "pg")[run - 1];
      const spec = {
        name: "bench",
        mode: "transaction",
        size: 5,
        db: "defaultdb",
        user: "doadmin",
      };
      const { pool } = await call("POST", `/v2/databases/${cluster?.id}/pools`, spec);
      await answers(() => logIn(pool.connection, true));
    },
  },
];

/** Database servers by DigitalOcean's API on the local cloud, beside the same programs started by hand. */
export async function benchEngines(): Promise<void> {
  const estate = openTestEstate();
  const byHand = mkdtempSync(join(tmpdir(), "bulkhead-bench-"));
  own(byHand);
  try {
    await estate.bulkhead("local", "up");
    await estate.openEnvironment("dev");
    const { apiUrl } = await estate.cloud();
    const call = apiCall(apiUrl, readCredentials(estate.stateDir).dev?.digitalocean.apiToken ?? "");
    for (const job of JOBS) await measure(job, { call, byHand, stateDir: estate.stateDir });
  } finally {
    for (const pid of pidsNaming(byHand)) process.kill(pid, "SIGKILL");
    await estate.close();
    rmSync(byHand, { recursive: true, force: true });
  }
}

async function measure(
  { engine, title, byHandName, byHand, byApi }: Job,
  places: { readonly call: ApiCall; readonly byHand: string; readonly stateDir: string },
): Promise<void> {
  const hand = join(places.byHand, engine);
  let run = 0;
  await compare(
    title,
    [
      {
        name: byHandName,
        async run() {
          run += 1;
          const folder = join(hand, String(run));
          mkdirSync(folder, { recursive: true });
          own(hand);
          own(folder);
          await byHand(folder, await freePort());
        },
      },
      { name: "by the API", run: () => byApi(places.call, run) },
    ],
    RUNS,
  );
  const memory = [hand, join(places.stateDir, "local")].map((folder) => {
    const pids = pidsNaming(folder).filter((pid) => commandOf(pid).includes(`/${engine}/`));
    return `${megabytes(sum(pids.map(treeBytes)) / pids.length)} (mean of ${pids.length})`;
  });
  console.log(`Memory of one: ${memory[0]} by hand, ${memory[1]} by the API.\n`);
}

async function createCluster(
  call: ApiCall,
  spec: { readonly name: string; readonly engine: string; readonly version: string },
): Promise<void> {
  const body = { ...spec, size: "db-s-1vcpu-1gb", num_nodes: 1, region: "fra1" };
  const { id } = (await call("POST", "/v2/databases", body)).database;
  await answers(async () => {
    const { status } = (await call("GET", `/v2/databases/${id}`)).database;
    if (status !== "online") throw new Error(`The cluster is ${status}.`);
  });
}

function apiCall(apiUrl: string, token: string): ApiCall {
  return async (method, path, body) => {
    const response = await fetch(apiUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as ApiAnswer;
  };
}

async function logIn(login: Login, tls: boolean): Promise<void> {
  const client = new Client({ ...login, ssl: tls && { rejectUnauthorized: false } });
  client.on("error", () => undefined);
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function started(command: Command) {
  const child = await spawnAsServerUser(command, { PATH: process.env.PATH ?? "" });
  child.stdout.resume();
  child.stderr.resume();
  return child;
}

async function toItsEnd(command: Command): Promise<void> {
  const child = await started(command);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`${command.program} has failed (${code}).`);
}

async function answers(attempt: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (true) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(POLL_MS);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, LOOPBACK, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Processes whose command names a folder; none on systems without /proc. */
const pidsNaming = (folder: string): number[] =>
  allPids().filter((pid) => pid !== process.pid && commandOf(pid).includes(folder));

/** A process's memory with that of its children, in bytes; what several share counts in parts. */
function treeBytes(pid: number): number {
  const children = allPids().filter((each) => parentOf(each) === pid);
  return sum([pid, ...children].map(proportionalBytes));
}

const proportionalBytes = (pid: number): number =>
  1024 * Number(/^Pss:\s*(\d+) kB/m.exec(procFile(pid, "smaps_rollup"))?.[1] ?? 0);
const parentOf = (pid: number): number =>
  Number(/^PPid:\s*(\d+)/m.exec(procFile(pid, "status"))?.[1] ?? 0);
const commandOf = (pid: number): string => procFile(pid, "cmdline").replaceAll("\0", " ");
const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

function allPids(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Empty for a process that is gone. */
function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
