import { createHash, createHmac } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AccountInventory } from "./account-spec.ts";

/** The kinds of storage that the runtime keeps in files of their own. */
export type StorageKind = "databases" | "namespaces" | "buckets";

const STORAGE: Readonly<Record<StorageKind, { folder: string; objectClass: string }>> = {
  databases: { folder: "d1", objectClass: "miniflare-D1DatabaseObject" },
  namespaces: { folder: "kv", objectClass: "miniflare-KVNamespaceObject" },
  buckets: { folder: "r2", objectClass: "miniflare-R2BucketObject" },
};
const KINDS: readonly StorageKind[] = ["databases", "namespaces", "buckets"];

const OBJECT_FILE = /^([0-9a-f]{64})\.sqlite(?:-wal|-shm)?$/;

/** Deletes the files of one database, namespace or bucket. The runtime must not have them open. */
export async function removeStorageFiles(
  persistDir: string,
  kind: StorageKind,
  id: string,
): Promise<void> {
  const { folder, objectClass } = STORAGE[kind];
  const root = join(persistDir, folder);
  const object = join(root, objectClass, `${objectIdFromName(objectClass, id)}.sqlite`);
  await removeAll([object, `${object}-wal`, `${object}-shm`, join(root, id)]);
}

/**
 * Deletes the files of what the account no longer has: those that a process left behind when it ended
 * between the removal of a record and of its files. A later bucket of the same name would find them.
 */
export async function sweepStorageFiles(
  persistDir: string,
  account: Pick<AccountInventory, StorageKind>,
): Promise<void> {
  for (const kind of KINDS) {
    const { folder, objectClass } = STORAGE[kind];
    const root = join(persistDir, folder);
    const objects = new Set(account[kind].map((id) => objectIdFromName(objectClass, id)));
    const strayFiles = (await entries(join(root, objectClass)))
      .filter((name) => !objects.has(OBJECT_FILE.exec(name)?.[1] ?? ""))
      .filter((name) => OBJECT_FILE.test(name))
      .map((name) => join(root, objectClass, name));
    const strayBlobs = (await entries(root))
      .filter((name) => name !== objectClass && !account[kind].includes(name))
      .map((name) => join(root, name));
    await removeAll([...strayFiles, ...strayBlobs]);
  }
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // The runtime makes the folder with the first use.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

const removeAll = (paths: readonly string[]) =>
  Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));

/** The Durable Object id that workerd derives from a name: its file's name on disk. */
function objectIdFromName(uniqueKey: string, name: string): string {
  const key = createHash("sha256").update(uniqueKey).digest();
  const sign = (data: string | Buffer) =>
    createHmac("sha256", key).update(data).digest().subarray(0, 16);
  const nameHmac = sign(name);
  return Buffer.concat([nameHmac, sign(nameHmac)]).toString("hex");
}
