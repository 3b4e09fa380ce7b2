import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openRunLog } from "./cloud-log.ts";
import { type CloudRecord, cloudPaths, readRecord } from "./paths.ts";
import { ownerVariable } from "./processes.ts";
import { stateArgument } from "./running-cloud.ts";

export interface SpawnOptions {
  readonly stateDir: string;
  readonly port: number;
  readonly s3Port: number;
}

const START_TIMEOUT_MS = 20_000;
const POLL_MS = 25;

/** Starts the cloud's process and waits until it listens. Throws what kept it from doing so. */
export async function spawnCloud({ stateDir, port, s3Port }: SpawnOptions): Promise<CloudRecord> {
  const { dataDir, logFile } = cloudPaths(stateDir);
  const log = openRunLog(logFile);
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      fileURLToPath(new URL("main.ts", import.meta.url)),
      stateArgument(stateDir),
      `--port=${port}`,
      `--s3-port=${s3Port}`,
    ],
    {
      detached: true,
      stdio: ["ignore", log.descriptor, log.descriptor],
      env: { ...process.env, ...ownerVariable(dataDir) },
    },
  );
  closeSync(log.descriptor);
  let exited = false;
  child.once("exit", () => {
    exited = true;
  });
  child.unref();

  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && !exited) {
    const record = readRecord(stateDir);
    if (record !== undefined && record.pid === child.pid) return record;
    await sleep(POLL_MS);
  }
  const reason = exited ? log.reason() : undefined;
  // One that comes up later would be a cloud that nobody has asked for any more.
  child.kill("SIGKILL");
  throw new Error(
    reason ??
      `The local cloud did not answer within ${START_TIMEOUT_MS / 1000} s. Its log is ${logFile}.`,
  );
}
