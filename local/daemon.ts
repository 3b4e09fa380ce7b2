import { mkdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { AccountStatus } from "./admin.ts";
import { type EnvironmentCredentials, readCredentials, writeCredentials } from "./credentials.ts";
import { withFileLock } from "./file-lock.ts";
import { type CloudRecord, cloudPaths, readRecord } from "./paths.ts";
import { endOrphans, groupMemory, isAlive, signal } from "./processes.ts";
import { administer, findProcess, findRunning, SilentCloudError } from "./running-cloud.ts";
import { spawnCloud } from "./spawn-cloud.ts";

export type { AccountStatus } from "./admin.ts";
export {
  databaseAuthorityFile,
  type EnvironmentCredentials,
  readCredentials,
} from "./credentials.ts";

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
/** Databases write what they have in memory before they end. */
const STOP_TIMEOUT_MS = 30_000;
/** The kernel ends a killed process at once, unless it waits for a broken disk. */
const KILL_TIMEOUT_MS = 5000;
const POLL_MS = 25;

/**
 * Makes sure that the local cloud runs and answers; two callers at once start one.
 * Errors name what keeps it from starting (a port in use, a full disk) and the remedy.
 */
export async function startCloud(options: StartOptions): Promise<CloudInfo> {
  const { stateDir, port, s3Port } = options;
  const { dataDir, lock } = cloudPaths(stateDir);
  const running = await findRunning(stateDir).catch((error: unknown) => {
    // It may be about to end under the lock, where it is asked again.
    if (!(error instanceof SilentCloudError)) throw error;
  });
  if (running !== undefined) return describe(running, stateDir);

  return withFileLock(lock, async () => {
    const startedMeanwhile = await findRunning(stateDir);
    if (startedMeanwhile !== undefined) return describe(startedMeanwhile, stateDir);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const previous = readRecord(stateDir);
    await endOrphans(dataDir);
    const record = await spawnCloud({
      stateDir,
      port: port ?? portOf(previous?.apiUrl) ?? DEFAULT_PORT,
      s3Port: s3Port ?? portOf(previous?.s3Url) ?? DEFAULT_S3_PORT,
    }).catch(async (error: unknown) => {
      // The cloud of a starter that was killed may have come up in its stead.
      const other = await findRunning(stateDir);
      if (other === undefined) throw error;
      return other;
    });
    return describe(record, stateDir);
  });
}

/** Stops the local cloud, by force when it must; its data stays. Whether one was running. */
export async function stopCloud(stateDir: string): Promise<boolean> {
  if ((await findProcess(stateDir)) === undefined) {
    // A killed cloud may have left servers.
    await endOrphans(cloudPaths(stateDir).dataDir);
    return false;
  }
  return withFileLock(cloudPaths(stateDir).lock, () => stop(stateDir));
}

async function stop(stateDir: string): Promise<boolean> {
  const running = await findProcess(stateDir);
  if (running === undefined) {
    await endOrphans(cloudPaths(stateDir).dataDir);
    return false;
  }
  const { pid } = running;
  signal(pid, "SIGTERM");
  if (!(await ends(pid, STOP_TIMEOUT_MS))) {
    signal(pid, "SIGKILL");
    if (!(await ends(pid, KILL_TIMEOUT_MS))) {
      throw new Error(
        `The local cloud (process ${pid}) cannot be ended. Restart the machine, and check its disk.`,
      );
    }
  }
  await endOrphans(cloudPaths(stateDir).dataDir);
  return true;
}

/** Stops the local cloud and deletes everything that it holds. */
export async function resetCloud(stateDir: string): Promise<void> {
  const { dataDir, credentialsDir, lock } = cloudPaths(stateDir);
  await withFileLock(lock, async () => {
    await stop(stateDir);
    for (const folder of [dataDir, credentialsDir]) {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

export async function cloudStatus(stateDir: string): Promise<CloudStatus> {
  const running = await findRunning(stateDir);
  if (running === undefined) return { running: false };
  const [{ accounts }, memoryBytes] = await Promise.all([
    administer<{ accounts: AccountStatus[] }>(running, "/local/status"),
    groupMemory(running.pid),
  ]);
  return { running: true, info: describe(running, stateDir), memoryBytes, accounts };
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
  const missing = () => {
    const known = readCredentials(stateDir);
    return environments.filter((environment) => known[environment] === undefined);
  };
  if (missing().length > 0) {
    // Issuing ends the account's earlier token, so of two commands at once one must do it for both.
    await withFileLock(cloudPaths(stateDir).lock, async () => {
      for (const environment of missing()) {
        const body = { environment };
        const issued = await administer<EnvironmentCredentials>(
          running,
          "/local/environments",
          body,
        );
        writeCredentials(stateDir, issued);
      }
    });
  }
  const known = Object.entries(readCredentials(stateDir));
  return Object.fromEntries(known.filter(([environment]) => environments.includes(environment)));
}

async function ends(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

const describe = ({ pid, apiUrl, s3Url, startedAt }: CloudRecord, stateDir: string): CloudInfo => ({
  pid,
  apiUrl,
  s3Url,
  startedAt,
  logFile: cloudPaths(stateDir).logFile,
});

const portOf = (url: string | undefined) =>
  url === undefined ? undefined : Number(new URL(url).port);
