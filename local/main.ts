import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type CloudServer, startCloudServer } from "./cloud.ts";
import { boundedLog } from "./cloud-log.ts";
import { type CloudRecord, cloudPaths, readRecord } from "./paths.ts";
import { StoreInUseError } from "./store/document-store.ts";

/*
 * The local cloud as a process of its own. `daemon.ts` starts it; standard output is its log.
 */

const { values } = parseArgs({
  options: {
    state: { type: "string" },
    port: { type: "string" },
    "s3-port": { type: "string" },
  },
});
if (values.state === undefined) throw new Error("--state FOLDER is missing.");

const DATABASES_TIMEOUT_MS = 12_000;

const stateDir = values.state;
const paths = cloudPaths(stateDir);
const adminToken = randomBytes(32).toString("base64url");
const write = boundedLog(paths.logFile, process.stdout.fd);
const log = (line: string) => write(`${new Date().toISOString()} ${line}`);

mkdirSync(paths.dataDir, { recursive: true, mode: 0o700 });
try {
  const server = await startCloudServer({
    dataDir: paths.dataDir,
    port: Number(values.port ?? 0),
    s3Port: Number(values["s3-port"] ?? 0),
    adminToken,
    log,
  });
  let isStopping = false;
  const stop = async (signal: string) => {
    if (isStopping) return;
    isStopping = true;
    log(`Stopping after ${signal}.`);
    const failure = await server.close().catch(String);
    if (failure !== undefined) log(`Not everything could be closed: ${failure}`);
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // Whoever waits for the cloud wants its databases; but one that does not come up must not keep it.
  await Promise.race([server.started, sleep(DATABASES_TIMEOUT_MS)]);
  if (!isStopping) announce(server);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

/** Lets others find the cloud. */
function announce(server: CloudServer): void {
  const record: CloudRecord = {
    pid: process.pid,
    apiUrl: server.apiUrl,
    s3Url: server.s3Url,
    startedAt: new Date().toISOString(),
    adminToken,
  };
  writeFileSync(`${paths.record}.new`, JSON.stringify(record, null, 2), { mode: 0o600 });
  renameSync(`${paths.record}.new`, paths.record);
  log(`Listening on ${server.apiUrl} (API and Workers) and ${server.s3Url} (S3).`);
}

function explain(error: unknown): string {
  if (error instanceof StoreInUseError) {
    const pid = readRecord(stateDir)?.pid ?? "unknown";
    return `A local cloud runs on ${paths.dataDir} already, as process ${pid}. Stop it with \`npx bulkhead local down\`.`;
  }
  return error instanceof Error ? error.message : String(error);
}
