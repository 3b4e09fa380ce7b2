import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

interface ProcessRow {
  readonly pid: number;
  readonly group: number;
  readonly residentBytes: number;
  readonly command: string;
}

/** Fields of /proc/PID/stat, counted after the program's name (proc(5)). */
const STAT_FIELD = { group: 2, residentPages: 21 } as const;
const PAGE_BYTES = 4096;

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Resident memory of a process group, in bytes. */
export async function groupMemory(group: number): Promise<number> {
  const members = await groupMembers(group);
  return members.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
}

/**
 * Ends the runtimes that a killed daemon left behind: they still hold the databases' files.
 * The daemon leads a process group of its own, so its children are known by the group.
 */
export async function endOrphans(group: number): Promise<void> {
  for (const { pid, command } of await groupMembers(group)) {
    if (pid !== group && command.includes("workerd")) process.kill(pid, "SIGKILL");
  }
}

/** From /proc where there is one, since small systems lack `ps`; by `ps` elsewhere. */
async function groupMembers(group: number): Promise<ProcessRow[]> {
  const rows = existsSync("/proc/self/stat") ? readProc() : await runPs();
  return rows.filter((row) => row.group === group);
}

function readProc(): ProcessRow[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): ProcessRow[] => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        // The second field is the program's name in parentheses, which may hold anything.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return [
          {
            pid: Number(name),
            group: Number(fields[STAT_FIELD.group]),
            residentBytes: Number(fields[STAT_FIELD.residentPages]) * PAGE_BYTES,
            command,
          },
        ];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

async function runPs(): Promise<ProcessRow[]> {
  const { stdout } = await run("ps", ["-eo", "pid=,pgid=,rss=,args="], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, group, rss, command]) => ({
      pid: Number(pid),
      group: Number(group),
      residentBytes: Number(rss) * 1024,
      command: command ?? "",
    }));
}
