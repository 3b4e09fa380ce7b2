import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { UserError } from "../user-error.ts";
import { backendFolder } from "./stacks.ts";

const lockSchema = z.object({
  pid: z.number().int(),
  username: z.string(),
  hostname: z.string(),
  /** ISO 8601. */
  timestamp: z.string(),
});

/** What Pulumi's file and bucket backends write while a command changes a stack. */
export type StackLock = z.infer<typeof lockSchema>;

/** A lock with the file that it is in. */
export type LockFile = StackLock & { readonly file: string };

/** The lock in a file's text; undefined when it is none (or is being written). */
export function parseLock(text: string): StackLock | undefined {
  try {
    const parsed = lockSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process that holds a lock can be known to have ended: only this host's can. */
export const isLeftBehind = (
  lock: StackLock,
  host: string,
  runs: (pid: number) => boolean,
): boolean => lock.hostname === host && !runs(lock.pid);

/** Folder of a stack's locks in a file backend; undefined for others, which cannot be looked into. */
export function lockFolder(
  backendUrl: string | undefined,
  project: string,
  stack: string,
): string | undefined {
  const backend = backendFolder(backendUrl);
  return backend && join(backend, ".pulumi", "locks", "organization", project, stack);
}

/** The locks in a folder. */
export const readLocks = (folder: string): LockFile[] =>
  listFiles(folder).flatMap((file) => {
    const lock = parseLock(readIfPresent(file));
    return lock === undefined ? [] : [{ ...lock, file }];
  });

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
  const isUnfinished = (file: string) => parseLock(readIfPresent(file)) === undefined;
  for (const file of listFiles(folder).filter(isUnfinished)) {
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

/** Whether a process runs; one that has ended but is not yet collected by its parent does not. */
export function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const status = readIfPresent(`/proc/${pid}/stat`);
  // The state follows the command's name, which is in parentheses and may hold any character.
  return !/^[ZX]$/.test(status.slice(status.lastIndexOf(")") + 2).charAt(0));
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => /\.json(\..*\.tmp)?$/.test(file))
      .map((file) => join(folder, file));
  } catch {
    return [];
  }
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
