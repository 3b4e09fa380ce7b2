import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly residentBytes: number;
  /** The command line, arguments apart by one space. */
  readonly command: string;
  /** `NAME=value`, apart by one space; where there is no /proc the command line stands before it. */
  readonly environment: string;
}

/** Fields of /proc/PID/stat after the program's name (proc(5)). */
const STAT_FIELD = { state: 0, parent: 1, group: 2 } as const;
/** Ended, but not yet collected by its parent. */
const ENDED_STATES = ["Z", "X"];
/** By this variable a process is known to belong to the cloud of a data folder. */
const OWNER = "BULKHEAD_CLOUD_DATA";

/** What the cloud's process and all of its children have in their environment. */
export const ownerVariable = (dataDir: string): Record<string, string> => ({ [OWNER]: dataDir });

/** Whether a process with this id runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const state = readStat(pid)[STAT_FIELD.state];
  return state === undefined || !ENDED_STATES.includes(state);
}

/** Sends a signal to a process that may have ended already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Whether the process with this id runs and has this argument, so is no other with a recycled id. */
export async function hasArgument(pid: number, argument: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const row = (await processes()).find((each) => each.pid === pid);
  return ` ${row?.command} `.includes(` ${argument} `);
}

/**
 * Memory of a process group and of what its processes have started, in bytes. What several of them
 * share, as PostgreSQL's do most of theirs, counts once where the system tells it.
 */
export async function groupMemory(group: number): Promise<number> {
  const members = withDescendants(await processes(), (row) => row.group === group);
  return members.reduce((sum, row) => sum + (proportionalBytes(row.pid) ?? row.residentBytes), 0);
}

/** Its own memory and its part of what it shares (proc(5), smaps_rollup). */
function proportionalBytes(pid: number): number | undefined {
  const kilobytes = /^Pss:\s*(\d+) kB/m.exec(readProcFile(String(pid), "smaps_rollup"))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/**
 * Ends the runtimes and servers that a killed daemon left behind: they still hold its files and ports.
 * They are known by the folder in their environment, whichever daemon has started them.
 */
export async function endOrphans(dataDir: string): Promise<void> {
  const folder = existsSync(dataDir) ? realpathSync(dataDir) : dataDir;
  const isOrphan = (row: ProcessRow) =>
    row.pid !== process.pid && ` ${row.environment} `.includes(` ${OWNER}=${folder} `);
  for (const { pid } of withDescendants(await processes(), isOrphan)) signal(pid, "SIGKILL");
}

/** PostgreSQL's backends leave their server's group and overwrite their environment, but remain its children. */
function withDescendants(
  rows: readonly ProcessRow[],
  isMember: (row: ProcessRow) => boolean,
): ProcessRow[] {
  const members = new Set(rows.filter(isMember));
  const pids = new Set([...members].map(({ pid }) => pid));
  for (let known = -1; known < members.size; ) {
    known = members.size;
    for (const row of rows.filter(({ parent }) => pids.has(parent))) {
      members.add(row);
      pids.add(row.pid);
    }
  }
  return [...members];
}

/** From /proc where there is one, since small systems lack `ps`; by `ps` elsewhere, as macOS has it. */
async function processes(): Promise<ProcessRow[]> {
  return existsSync("/proc/self/stat") ? readProc() : await runPs();
}

function readProc(): ProcessRow[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(
      (name): ProcessRow => ({
        pid: Number(name),
        parent: Number(readStat(Number(name))[STAT_FIELD.parent]),
        group: Number(readStat(Number(name))[STAT_FIELD.group]),
        residentBytes: Number(/^VmRSS:\s*(\d+) kB/m.exec(readProcFile(name, "status"))?.[1]) * 1024,
        command: readProcFile(name, "cmdline").replaceAll("\0", " "),
        environment: readProcFile(name, "environ").replaceAll("\0", " "),
      }),
    );
}

/** The fields after the program's name, which is in parentheses and may hold anything. */
function readStat(pid: number): string[] {
  const stat = readProcFile(String(pid), "stat");
  return stat === "" ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Empty for a process that has ended meanwhile or is another user's. */
function readProcFile(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

async function runPs(): Promise<ProcessRow[]> {
  const { stdout } = await run("ps", ["-Eww", "-e", "-o", "pid=,ppid=,pgid=,rss=,command="], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, parent, group, rss, command = ""]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      residentBytes: Number(rss) * 1024,
      command,
      environment: command,
    }));
}
