import { rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import {
  isLeftBehind,
  type LockFile,
  lockFilesIn,
  processRuns,
  readLock,
  type StackLock,
} from "../../policy/siblings/locks.ts";
import { UserError } from "../user-error.ts";

/** How long a lock file may be incomplete: Pulumi writes one in a few milliseconds. */
const WRITING_MS = 2000;

/**
 * Deletes lock files that were never finished: a full disk or a kill leaves them, and Pulumi then
 * fails at reading them.
 */
export async function removeUnfinishedLocks(
  folder: string,
  report: (line: string) => void,
): Promise<void> {
  const isUnfinished = (file: string) => readLock(file) === undefined;
  for (const file of lockFilesIn(folder).filter(isUnfinished)) {
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age < WRITING_MS) await sleep(WRITING_MS - age);
    if (!isUnfinished(file)) continue;
    rmSync(file, { force: true });
    report(`Removed ${file}, a lock that was never finished.`);
  }
}

/**
 * Clears what interrupted commands left behind, and refuses to disturb a living one. Only the files
 * of dead locks are deleted: another command may write its own at any moment.
 * @throws UserError when another command is changing the stack now.
 */
export function clearDeadLocks(
  stack: string,
  locks: readonly LockFile[],
  report: (line: string) => void,
  host: string = hostname(),
  runs: (pid: number) => boolean = processRuns,
): void {
  const living = locks.find((lock) => !isLeftBehind(lock, host, runs));
  if (living !== undefined) throw beingChanged(stack, living);
  for (const { file, pid, timestamp } of locks) {
    report(
      `${stack}: removing the lock of process ${pid}, which ended without finishing its command (${timestamp})`,
    );
    // What `pulumi cancel` does, which however needs a stack, and the command may have died before making it.
    for (const each of [file, `${file}.attrs`]) rmSync(each, { force: true });
  }
}

/** The refusal of a second command on a stack; without `lock`, which can be gone by now, it names nobody. */
export function beingChanged(stack: string, lock: StackLock | undefined): UserError {
  const by =
    lock === undefined
      ? "another command"
      : `process ${lock.pid} of ${lock.username}@${lock.hostname} since ${lock.timestamp}`;
  return new UserError(
    `The stack ${stack} is being changed by ${by}.`,
    `Wait for it to end; if you are sure that it has, run \`pulumi cancel -s ${stack}\`.`,
  );
}
