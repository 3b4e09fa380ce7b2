import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { hasArgument, isAlive, signal } from "../../processes.ts";
import type { PostgresSpec } from "../engines.ts";
import { says } from "../faults.ts";
import { type Command, spawnAsServerUser, writeOwned } from "../server-user.ts";
import { scramVerifier } from "./scram.ts";

const END_TIMEOUT_MS = 10_000;
const POLL_MS = 20;
const KEPT_LINES = 8;
/** Each command takes a second or two, on a machine that swaps a minute. */
const RUN_TIMEOUT_MS = 300_000;

/** What is run for a data folder: the server's program and its environment. */
export interface PostgresProgram {
  /** Path of `postgres`; `initdb` is beside it. */
  readonly path: string;
  readonly env: Record<string, string>;
}

export const dataFolder = (folder: string): string => join(folder, "data");

/** A folder that `make` fills under another name, so that half of it never has this one. */
export async function madeWhole(
  folder: string,
  make: (preparing: string) => Promise<void>,
): Promise<void> {
  const preparing = `${folder}.new`;
  rmSync(preparing, { recursive: true, force: true });
  try {
    await make(preparing);
    renameSync(preparing, folder);
  } finally {
    rmSync(preparing, { recursive: true, force: true });
  }
}

/** Makes the data folder when it is absent. */
export async function ensureDataFolder(
  program: PostgresProgram,
  folder: string,
  { superuser }: PostgresSpec,
  signal: AbortSignal,
): Promise<void> {
  if (existsSync(dataFolder(folder))) return;
  const passwordFile = join(folder, "password");
  const initdb = (data: string): Command => ({
    program: join(dirname(program.path), "initdb"),
    args: [
      `--pgdata=${data}`,
      `--username=${superuser.name}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // PostgreSQL's own, which is the same on every system.
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      "--wal-segsize=4",
      "--no-instructions",
      "--no-sync",
    ],
  });
  try {
    // The verifier, which PostgreSQL takes for what it is: the password itself never is on the disk.
    writeOwned(passwordFile, `${scramVerifier(superuser.password)}\n`);
    await madeWhole(dataFolder(folder), (preparing) =>
      run(program.env, initdb(preparing), { signal }),
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Gives the superuser this password in a data folder that no server runs on. */
export async function setSuperuserPassword(
  program: PostgresProgram,
  data: string,
  { superuser }: PostgresSpec,
  signal: AbortSignal,
): Promise<void> {
  const name = superuser.name.replaceAll('"', '""');
  // The verifier, so that no error message could quote the password.
  const statement = `ALTER ROLE "${name}" PASSWORD '${scramVerifier(superuser.password)}'\n`;
  const args = ["--single", "-D", data, "-c", "exit_on_error=true", "template1"];
  await run(program.env, { program: program.path, args }, { input: statement, signal });
}

/**
 * Ends what a killed server or a killed cloud has left running on the data folder: a server, and
 * backends whose server is gone, which still use its memory.
 */
export async function endStrays(data: string): Promise<void> {
  const server = lockHolder(data);
  const servers = server !== undefined && (await hasArgument(server, data)) ? [server] : [];
  const strays = [...new Set([...servers, ...backendsIn(data)])];
  for (const pid of strays) signal(pid, "SIGKILL");
  const deadline = Date.now() + END_TIMEOUT_MS;
  while (strays.some(isAlive) && Date.now() < deadline) await sleep(POLL_MS);
  // PostgreSQL takes one that has ended, and that nobody has collected yet, for a running server.
  if (!strays.some(isAlive)) rmSync(lockFile(data), { force: true });
}

const lockFile = (data: string): string => join(data, "postmaster.pid");

function lockHolder(data: string): number | undefined {
  try {
    return Number(readFileSync(lockFile(data), "utf8").split("\n")[0]);
  } catch {
    return undefined;
  }
}

/** PostgreSQL's processes that work in this folder, where there is a /proc to tell. */
function backendsIn(data: string): number[] {
  if (!existsSync("/proc/self/cwd")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const isPostgres = basename(readlinkSync(`/proc/${pid}/exe`)).startsWith("postgres");
        return isPostgres && readlinkSync(`/proc/${pid}/cwd`) === data;
      } catch {
        // It has ended, or is another user's.
        return false;
      }
    })
    .map(Number);
}

/** Runs a command to its end, which comes at once when `stopping` says so. */
async function run(
  env: Record<string, string>,
  command: Command,
  { input, signal: stopping }: { readonly input?: string; readonly signal: AbortSignal },
): Promise<void> {
  stopping.throwIfAborted();
  const child = await spawnAsServerUser(command, env);
  const ending = AbortSignal.any([stopping, AbortSignal.timeout(RUN_TIMEOUT_MS)]);
  const end = () => child.kill("SIGKILL");
  ending.addEventListener("abort", end);
  if (ending.aborted) end();
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => output.push(line));
  }
  // One that ends early does not read it all.
  child.stdin.on("error", () => undefined).end(input);
  const [code] = await once(child, "close");
  ending.removeEventListener("abort", end);
  if (code === 0) return;
  stopping.throwIfAborted();
  const name = basename(command.program);
  if (ending.aborted) throw new Error(`${name} did not end within ${RUN_TIMEOUT_MS / 1000} s.`);
  throw new Error(`${name} failed (${code}).${says(output.slice(-KEPT_LINES))}`);
}
