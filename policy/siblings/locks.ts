/** The locks that Pulumi's file backends keep while a command changes a stack. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { backendFolder } from "./file-backend.ts";

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
  lockFilesIn(folder).flatMap((file) => {
    const lock = readLock(file);
    return lock === undefined ? [] : [{ ...lock, file }];
  });

/** The lock in a file; undefined when there is none, or it is being written. */
export const readLock = (file: string): StackLock | undefined => parseLock(readIfPresent(file));

/** Files of locks, finished or not. */
export function lockFilesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => /\.json(\..*\.tmp)?$/.test(file))
      .map((file) => join(folder, file));
  } catch {
    return [];
  }
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

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
