/** Memory of a command and of all that it has started, while it runs. Linux only. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Highest resident sizes in bytes. */
export interface PeakMemory {
  /** Of the command's own process. */
  own: number;
  /** Of it and all below it, shared pages counted once for each. */
  tree: number;
}

const PAUSE_MS = 200;

/** Watches a process and all below it until `done` settles. */
export async function peakMemory(pid: number, done: Promise<unknown>): Promise<PeakMemory> {
  const peak: PeakMemory = { own: 0, tree: 0 };
  let isDone = false;
  const ended = done.then(
    () => {
      isDone = true;
    },
    () => {
      isDone = true;
    },
  );
  while (!isDone) {
    const tree = processesBelow(pid);
    peak.own = Math.max(peak.own, residentBytes(pid));
    peak.tree = Math.max(
      peak.tree,
      tree.reduce((sum, each) => sum + residentBytes(each), 0),
    );
    await Promise.race([sleep(PAUSE_MS), ended]);
  }
  return peak;
}

/** A process and all below it. */
function processesBelow(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = readProc(name, "stat");
    // The parent follows the state, after the command's name in parentheses.
    const parent = Number(status.slice(status.lastIndexOf(")") + 4).split(" ")[0]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(below)];
  return below(root);
}

/** 0 for a process that has ended. */
function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, "status")) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}

function readProc(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
