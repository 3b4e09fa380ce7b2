import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { AccountStatus } from "./admin.ts";
import type { IssuedEnvironment } from "./cloudflare/accounts.ts";
import { type EnvironmentCredentials, readCredentials, writeCredentials } from "./credentials.ts";
import { type CloudRecord, cloudPaths } from "./paths.ts";
import { endOrphans, groupMemory, isAlive } from "./processes.ts";

export type { AccountStatus } from "./admin.ts";
export { type EnvironmentCredentials, readCredentials } from "./credentials.ts";

/** Where a running local cloud is reached. */
export interface CloudInfo {
  readonly pid: number;
  /** `http://127.0.0.1:PORT`: the Cloudflare API under `/client/v4`, and every Worker by its Host header. */
  readonly apiUrl: string;
  readonly s3Url: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly logFile: string;
}

export interface CloudStatus {
  readonly running: boolean;
  readonly info?: CloudInfo;
  /** Resident memory of the cloud and its runtimes, in bytes. */
  readonly memoryBytes?: number;
  readonly accounts?: readonly AccountStatus[];
}

export interface StartOptions {
  readonly stateDir: string;
  /** Default: the port of the last run, else 7380. */
  readonly port?: number;
  /** Default: the port of the last run, else 7381. */
  readonly s3Port?: number;
}

const DEFAULT_PORT = 7380;
const DEFAULT_S3_PORT = 7381;
const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 25;
/** A start lock older than this belongs to a starter that was killed. */
const STALE_LOCK_MS = START_TIMEOUT_MS + 10_000;

/**
 * Makes sure that the local cloud runs and answers; two callers at once start one.
 * Errors name what keeps it from starting (a port in use, a full disk) and the remedy.
 */
export async function startCloud(options: StartOptions): Promise<CloudInfo> {
  const paths = cloudPaths(options.stateDir);
  const running = await findRunning(options.stateDir);
  if (running !== undefined) return describe(running, paths.logFile);

  mkdirSync(paths.dataDir, { recursive: true, mode: 0o700 });
  return withStartLock(paths.startLock, async () => {
    const startedMeanwhile = await findRunning(options.stateDir);
    if (startedMeanwhile !== undefined) return describe(startedMeanwhile, paths.logFile);
    const previous = readRecord(paths.record);
    if (previous !== undefined) await endOrphans(previous.pid);
    const record = await spawnCloud(options, previous);
    return describe(record, paths.logFile);
  });
}

/** Stops the local cloud; its data stays. Whether one was running. */
export async function stopCloud(stateDir: string): Promise<boolean> {
  const running = await findRunning(stateDir);
  if (running === undefined) return false;
  process.kill(running.pid, "SIGTERM");
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(running.pid) && Date.now() < deadline) await sleep(POLL_MS);
  if (isAlive(running.pid)) process.kill(running.pid, "SIGKILL");
  await endOrphans(running.pid);
  return true;
}

/** Stops the local cloud and deletes everything that it holds. */
export async function resetCloud(stateDir: string): Promise<void> {
  await stopCloud(stateDir);
  const { dataDir, credentialsDir } = cloudPaths(stateDir);
  for (const folder of [dataDir, credentialsDir]) rmSync(folder, { recursive: true, force: true });
}

export async function cloudStatus(stateDir: string): Promise<CloudStatus> {
  const running = await findRunning(stateDir);
  if (running === undefined) return { running: false };
  const [{ accounts }, memoryBytes] = await Promise.all([
    administer<{ accounts: AccountStatus[] }>(running, "/local/status"),
    groupMemory(running.pid),
  ]);
  const info = describe(running, cloudPaths(stateDir).logFile);
  return { running: true, info, memoryBytes, accounts };
}

/**
 * Opens an account for each environment that has none yet (or whose credentials are lost, which
 * replaces its API token) and returns the credentials of all of them. The cloud must be running.
 */
export async function ensureEnvironments(
  stateDir: string,
  environments: readonly string[],
): Promise<Record<string, EnvironmentCredentials>> {
  const running = await findRunning(stateDir);
  if (running === undefined) {
    throw new Error("The local cloud is not running. Start it with `npx bulkhead local up`.");
  }
  const known = readCredentials(stateDir);
  const entries = environments.map(async (environment) => {
    const existing = known[environment];
    if (existing !== undefined) return [environment, existing] as const;
    const issued = await administer<IssuedEnvironment>(running, "/local/environments", {
      environment,
    });
    writeCredentials(stateDir, issued);
    return [environment, issued] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function spawnCloud(
  { stateDir, port, s3Port }: StartOptions,
  previous: CloudRecord | undefined,
): Promise<CloudRecord> {
  const paths = cloudPaths(stateDir);
  const ports = {
    port: port ?? portOf(previous?.apiUrl) ?? DEFAULT_PORT,
    s3Port: s3Port ?? portOf(previous?.s3Url) ?? DEFAULT_S3_PORT,
  };
  const logStart = existsSync(paths.logFile) ? statSync(paths.logFile).size : 0;
  const log = openSync(paths.logFile, "a", 0o600);
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      fileURLToPath(new URL("main.ts", import.meta.url)),
      `--state=${stateDir}`,
      `--port=${ports.port}`,
      `--s3-port=${ports.s3Port}`,
    ],
    { detached: true, stdio: ["ignore", log, log] },
  );
  closeSync(log);
  let exited = false;
  child.once("exit", () => {
    exited = true;
  });
  child.unref();

  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && !exited) {
    const record = readRecord(paths.record);
    if (record !== undefined && record.pid === child.pid) return record;
    await sleep(POLL_MS);
  }
  const reason = readFileSync(paths.logFile, "utf8").slice(logStart).trim().split("\n").at(-1);
  throw new Error(
    exited && reason
      ? reason
      : `The local cloud did not answer within ${START_TIMEOUT_MS / 1000} s. Its log is ${paths.logFile}.`,
  );
}

/** The record of a cloud that runs and answers. */
async function findRunning(stateDir: string): Promise<CloudRecord | undefined> {
  const record = readRecord(cloudPaths(stateDir).record);
  if (record === undefined || !isAlive(record.pid)) return undefined;
  try {
    const response = await fetch(`${record.apiUrl}/local/health`);
    const { pid } = (await response.json()) as { pid?: number };
    return pid === record.pid ? record : undefined;
  } catch {
    return undefined;
  }
}

async function administer<T>(record: CloudRecord, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${record.apiUrl}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${record.adminToken}`,
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { error?: string };
  if (!response.ok) throw new Error(`The local cloud refused ${path}: ${answer.error}.`);
  return answer as T;
}

async function withStartLock<R>(lock: string, work: () => Promise<R>): Promise<R> {
  const deadline = Date.now() + STALE_LOCK_MS;
  while (!tryLock(lock)) {
    if (Date.now() > deadline) {
      throw new Error(
        `Another start of the local cloud has held ${lock} for too long. Delete that folder and try again.`,
      );
    }
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmdirSync(lock);
  }
}

function tryLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  try {
    if (Date.now() - statSync(lock).mtimeMs > STALE_LOCK_MS) rmdirSync(lock);
  } catch {
    // Its holder has removed it meanwhile.
  }
  return false;
}

function readRecord(file: string): CloudRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as CloudRecord;
  } catch {
    return undefined;
  }
}

const describe = ({ pid, apiUrl, s3Url, startedAt }: CloudRecord, logFile: string): CloudInfo => ({
  pid,
  apiUrl,
  s3Url,
  startedAt,
  logFile,
});

const portOf = (url: string | undefined) =>
  url === undefined ? undefined : Number(new URL(url).port);
