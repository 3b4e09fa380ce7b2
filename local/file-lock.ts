import { mkdirSync, readlinkSync, rmdirSync, statSync, symlinkSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "./processes.ts";

const POLL_MS = 25;
/** Longer than anything that is done under a lock takes. */
const PATIENCE_MS = 60_000;
/** Removing a dead process's lock takes three system calls; who has not done it by then was killed. */
const REMOVAL_MS = 10_000;

/**
 * Runs `work` while no other process, and nothing else in this one, holds the lock `file`: a symbolic
 * link to the holder's process id, since making one is atomic together with its content. The lock of
 * a process that has ended counts for nothing. Throws, naming the holder, when it waits in vain.
 */
export async function withFileLock<R>(file: string, work: () => Promise<R>): Promise<R> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const deadline = Date.now() + PATIENCE_MS;
  while (!tryLock(file)) {
    const holder = holderOf(file);
    if (holder !== undefined && !isAlive(holder)) removeLockOf(holder, file);
    else if (Date.now() > deadline) {
      throw new Error(
        `Process ${holder} has held the lock ${file} for more than ${PATIENCE_MS / 1000} s. ` +
          "Wait for it to end, or end it; if it is no Bulkhead command, delete the lock.",
      );
    } else await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    unlinkSync(file);
  }
}

function tryLock(file: string): boolean {
  return unlessCode("EEXIST", () => symlinkSync(String(process.pid), file));
}

function holderOf(file: string): number | undefined {
  let holder: number | undefined;
  unlessCode("ENOENT", () => {
    holder = Number(readlinkSync(file));
  });
  return holder;
}

/** One process at a time removes, so that none removes what another has locked anew meanwhile. */
function removeLockOf(holder: number, file: string): void {
  const removal = `${file}.removal`;
  if (!unlessCode("EEXIST", () => mkdirSync(removal))) {
    const age = Date.now() - (statSync(removal, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > REMOVAL_MS) unlessCode("ENOENT", () => rmdirSync(removal));
    return;
  }
  try {
    if (holderOf(file) === holder) unlinkSync(file);
  } finally {
    rmdirSync(removal);
  }
}

/** Whether `call` succeeded; false when it failed with this code, its error when with any other. */
function unlessCode(code: string, call: () => void): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
    return false;
  }
}
