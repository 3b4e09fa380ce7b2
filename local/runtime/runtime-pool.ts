import { createHash, createHmac } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AccountRuntime } from "./account-runtime.ts";
import type { AccountSpec } from "./account-spec.ts";

/** The kinds of storage that the runtime keeps in files of their own. */
export type StorageKind = "database" | "namespace" | "bucket";

const STORAGE: Readonly<Record<StorageKind, { folder: string; objectClass: string }>> = {
  database: { folder: "d1", objectClass: "miniflare-D1DatabaseObject" },
  namespace: { folder: "kv", objectClass: "miniflare-KVNamespaceObject" },
  bucket: { folder: "r2", objectClass: "miniflare-R2BucketObject" },
};

/** The runtimes of all accounts: one process an account, so that one account's change never disturbs another's. */
export class RuntimePool {
  private readonly runtimes = new Map<string, AccountRuntime>();
  private readonly options: {
    accountsDir: string;
    describe: (accountId: string) => AccountSpec;
    log: (line: string) => void;
  };

  constructor(options: RuntimePool["options"]) {
    this.options = options;
  }

  of(accountId: string): AccountRuntime {
    const existing = this.runtimes.get(accountId);
    if (existing !== undefined) return existing;
    const runtime = new AccountRuntime({
      persistDir: this.persistDir(accountId),
      describe: () => this.options.describe(accountId),
      log: (line) => this.options.log(`[account ${accountId}] ${line}`),
    });
    this.runtimes.set(accountId, runtime);
    return runtime;
  }

  /** Deletes the files of a database, namespace or bucket that the account no longer has. */
  async erase(accountId: string, kind: StorageKind, id: string): Promise<void> {
    await this.runtimes.get(accountId)?.shrink();
    const { folder, objectClass } = STORAGE[kind];
    const root = join(this.persistDir(accountId), folder);
    const object = join(root, objectClass, `${objectIdFromName(objectClass, id)}.sqlite`);
    await Promise.all(
      [object, `${object}-wal`, `${object}-shm`, join(root, id)].map((path) =>
        rm(path, { recursive: true, force: true }),
      ),
    );
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.runtimes.values()].map((runtime) => runtime.dispose()));
  }

  private persistDir(accountId: string): string {
    return join(this.options.accountsDir, accountId);
  }
}

/** The Durable Object id that workerd derives from a name: its file's name on disk. */
function objectIdFromName(uniqueKey: string, name: string): string {
  const key = createHash("sha256").update(uniqueKey).digest();
  const sign = (data: string | Buffer) =>
    createHmac("sha256", key).update(data).digest().subarray(0, 16);
  const nameHmac = sign(name);
  return Buffer.concat([nameHmac, sign(nameHmac)]).toString("hex");
}
