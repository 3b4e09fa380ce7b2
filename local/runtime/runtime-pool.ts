import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { AccountRuntime } from "./account-runtime.ts";
import type { AccountInventory, AccountSpec } from "./account-spec.ts";
import { sweepStorageFiles } from "./storage-files.ts";

/** The runtimes of all accounts: one process an account, so that one account's change never disturbs another's. */
export class RuntimePool {
  private readonly runtimes = new Map<string, AccountRuntime>();
  private readonly options: {
    accountsDir: string;
    inventory: (accountId: string) => AccountInventory;
    describe: (accountId: string) => AccountSpec;
    /**
     * The certificate authorities (PEM) that an account's Workers trust beside the public ones: at the
     * vendors those of its databases are public. Asked with each request to a Worker. Default: none.
     */
    trustedAuthorities?: (accountId: string) => Promise<readonly string[]>;
    log: (line: string) => void;
  };

  constructor(options: RuntimePool["options"]) {
    this.options = options;
  }

  /** Deletes what an earlier process left of deleted storage. To be called before anything can be created. */
  async sweep(): Promise<void> {
    const { accountsDir, inventory, log } = this.options;
    try {
      for (const accountId of await readdir(accountsDir)) {
        await sweepStorageFiles(join(accountsDir, accountId), inventory(accountId));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      log(`Files of deleted databases, buckets or namespaces could not be removed: ${error}`);
    }
  }

  of(accountId: string): AccountRuntime {
    const existing = this.runtimes.get(accountId);
    if (existing !== undefined) return existing;
    const runtime = new AccountRuntime({
      persistDir: join(this.options.accountsDir, accountId),
      inventory: () => this.options.inventory(accountId),
      describe: () => this.options.describe(accountId),
      trustedAuthorities: async () => (await this.options.trustedAuthorities?.(accountId)) ?? [],
      log: (line) => this.options.log(`[account ${accountId}] ${line}`),
    });
    this.runtimes.set(accountId, runtime);
    return runtime;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.runtimes.values()].map((runtime) => runtime.dispose()));
  }
}
