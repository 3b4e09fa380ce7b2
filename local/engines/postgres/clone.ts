import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import { own, writeOwned } from "../server-user.ts";

/** What a base backup leaves out: it is made anew, or is of the running server alone. */
const LEFT_OUT = new Set(["postmaster.pid", "postmaster.opts", "pg_internal.init"]);
const EMPTIED = new Set([
  "pg_wal",
  "pg_replslot",
  "pg_dynshmem",
  "pg_notify",
  "pg_serial",
  "pg_snapshots",
  "pg_stat_tmp",
  "pg_subtrans",
]);

/**
 * Copies the data of a running server as of now, as pg_basebackup does; throws when it is told to end.
 * @see https://www.postgresql.org/docs/17/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
export async function copyRunning(
  client: Client,
  source: string,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const slot = `clone_${randomBytes(8).toString("hex")}`;
  // It keeps the log of what changes meanwhile, and goes with the connection.
  await client.query("SELECT pg_create_physical_replication_slot($1, true, true)", [slot]);
  await client.query("SELECT pg_backup_start($1, true)", [slot]);
  await copyFolder(source, target, { isRoot: true, signal });
  const { rows } = await client.query<{ labelfile: string }>(
    "SELECT labelfile FROM pg_backup_stop(false)",
  );
  writeOwned(join(target, "backup_label"), rows[0]?.labelfile ?? "");
  await copyFolder(join(source, "pg_wal"), join(target, "pg_wal"), { isRoot: false, signal });
}

async function copyFolder(
  source: string,
  target: string,
  { isRoot, signal }: { readonly isRoot: boolean; readonly signal: AbortSignal },
): Promise<void> {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  own(target);
  for (const entry of await readdir(source, { withFileTypes: true })) {
    signal.throwIfAborted();
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) {
      if (isRoot && EMPTIED.has(entry.name)) emptyCopy(to, entry.name);
      else await copyFolder(from, to, { isRoot: false, signal });
    } else if (entry.isFile() && !isLeftOut(entry.name)) {
      await copyFile(from, to).then(
        () => own(to),
        (error: NodeJS.ErrnoException) => {
          // Dropped meanwhile, of which the log tells.
          if (error.code !== "ENOENT") throw error;
        },
      );
    }
  }
}

function emptyCopy(folder: string, name: string): void {
  const folders = name === "pg_wal" ? [folder, join(folder, "archive_status")] : [folder];
  for (const each of folders) {
    mkdirSync(each, { recursive: true, mode: 0o700 });
    own(each);
  }
}

const isLeftOut = (name: string): boolean => LEFT_OUT.has(name) || name.startsWith("pgsql_tmp");
