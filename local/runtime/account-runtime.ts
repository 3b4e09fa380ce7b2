import { isDeepStrictEqual } from "node:util";
import type { Miniflare } from "miniflare";
import type { AccountInventory, AccountSpec, WorkerSpec } from "./account-spec.ts";
import { type BucketRequest, signedBucketRequest } from "./bucket-endpoint.ts";
import { STORAGE_WORKER, storageBinding } from "./miniflare-options.ts";
import { LockTimeoutError, type Reader, ReadWriteLock } from "./read-write-lock.ts";
import { releasedAtEnd } from "./released-at-end.ts";
import { RuntimeProcess } from "./runtime-process.ts";
import { removeStorageFiles, type StorageKind } from "./storage-files.ts";

export type D1Binding = Awaited<ReturnType<Miniflare["getD1Database"]>>;
export type R2Binding = Awaited<ReturnType<Miniflare["getR2Bucket"]>>;
export type KvBinding = Awaited<ReturnType<Miniflare["getKVNamespace"]>>;

/** What was asked of a runtime was deleted while the request waited for its turn. */
export class NotHeldError extends Error {}

/** How long a change of configuration waits for streams, which may be endless, and for everything else. */
const PATIENCE = { leaveAfterMs: 10_000, giveUpAfterMs: 60_000 };
const SHUTDOWN_PATIENCE = { leaveAfterMs: 0, giveUpAfterMs: 5000 };

/** What `withdraw` may look at before it decides. */
export interface Withdrawal {
  readonly bucket: (name: string) => Promise<R2Binding>;
}

/**
 * One account's workerd process. It starts with the first request that needs it.
 * New databases, buckets and namespaces reach it with the next request that needs one it does
 * not hold yet, so that many creations cost one restart; Workers are applied at once, since the
 * vendor checks a script while it is uploaded. Requests read; whatever changes the process writes,
 * alone, together with the records that the change stands for.
 */
export class AccountRuntime {
  private readonly lock = new ReadWriteLock();
  private readonly process: RuntimeProcess;
  private readonly options: {
    persistDir: string;
    inventory: () => AccountInventory;
    describe: () => AccountSpec;
    trustedAuthorities: () => Promise<readonly string[]>;
    log: (line: string) => void;
  };
  private disposed = false;

  constructor(options: AccountRuntime["options"]) {
    this.options = options;
    this.process = new RuntimeProcess(options.persistDir, options.log);
  }

  database<R>(id: string, work: (database: D1Binding) => Promise<R>): Promise<R> {
    return this.read("databases", id, async (miniflare) =>
      work(await miniflare.getD1Database(storageBinding.database(id), STORAGE_WORKER)),
    );
  }

  bucket<R>(name: string, work: (bucket: R2Binding) => Promise<R>): Promise<R> {
    return this.read("buckets", name, async (miniflare) =>
      work(await miniflare.getR2Bucket(storageBinding.bucket(name), STORAGE_WORKER)),
    );
  }

  namespace<R>(id: string, work: (namespace: KvBinding) => Promise<R>): Promise<R> {
    return this.read("namespaces", id, async (miniflare) =>
      work(
        (await miniflare.getKVNamespace(storageBinding.namespace(id), STORAGE_WORKER)) as KvBinding,
      ),
    );
  }

  /**
   * Runs one request to a Worker: `exchange` gets the address of the runtime's entry, and calls
   * `mayBeLeft` once the rest is a stream that a change of configuration may cut.
   */
  async worker<R>(
    name: string,
    exchange: (entry: URL, mayBeLeft: () => void) => Promise<R>,
  ): Promise<R> {
    await this.trustNewAuthorities();
    return this.read("workers", name, async (miniflare, { mayBeLeft }) =>
      exchange(await miniflare.ready, mayBeLeft),
    );
  }

  /** Sends a request to a bucket's own S3 endpoint, bodies streamed both ways; see bucket-endpoint.ts. */
  async bucketEndpoint(name: string, request: BucketRequest): Promise<Response> {
    const { miniflare, reader } = await this.acquire("buckets", name);
    try {
      const { host } = await miniflare.ready;
      const { url, headers } = await signedBucketRequest(host, name, request);
      // It undoes the encoding that the runtime adds to objects with a content encoding.
      const response = await miniflare.dispatchFetch(url, {
        method: request.method,
        headers: [...headers],
        body: request.body as never,
        duplex: "half",
        redirect: "manual",
      });
      reader.mayBeLeft();
      const body = response.body as ReadableStream<Uint8Array> | null;
      if (body === null) reader.release();
      return new Response(body && releasedAtEnd(body, reader.release), {
        status: response.status,
        statusText: response.statusText,
        headers: [...response.headers],
      });
    } catch (error) {
      reader.release();
      throw error;
    }
  }

  /**
   * Changes the account's Workers: `plan` decides by the records as they are, the runtime loads what
   * it says, and only then `commit` records it. When `plan` refuses, a script does not load
   * (ScriptRejectedError) or `commit` fails, the error is thrown, nothing is recorded and the earlier
   * Workers run on.
   */
  async changeWorkers<R>(
    plan: (current: AccountSpec) => { workers: readonly WorkerSpec[]; commit: () => R },
  ): Promise<R> {
    return this.lock.write(PATIENCE, async () => {
      const wasRunning = this.process.running;
      const current = this.options.describe();
      const { workers, commit } = plan(current);
      try {
        await this.configure({ ...current, workers });
        return commit();
      } catch (error) {
        if (wasRunning) await this.reconfigure();
        else await this.process.stop();
        throw error;
      }
    });
  }

  /** Whether the process runs now. */
  get running(): boolean {
    return this.process.running;
  }

  /**
   * Takes something away from the account: `forget` checks and removes its record while no request
   * runs, and then the runtime lets go of it. When `forget` throws, nothing has happened.
   */
  async withdraw(forget: (account: Withdrawal) => void | Promise<void>): Promise<void> {
    await this.lock.write(PATIENCE, () => this.forgetWith(forget));
  }

  /** Changes a record that Workers depend on, while no request runs, and makes them see it. */
  async change<R>(record: () => R): Promise<R> {
    return this.lock.write(PATIENCE, async () => {
      const result = record();
      if (this.process.running) await this.reconfigure();
      return result;
    });
  }

  /** Withdraws a database, namespace or bucket and deletes its files before anyone can use its name again. */
  async erase(
    kind: StorageKind,
    id: string,
    forget: (account: Withdrawal) => void | Promise<void>,
  ): Promise<void> {
    await this.lock.write(PATIENCE, async () => {
      await this.forgetWith(forget);
      await removeStorageFiles(this.options.persistDir, kind, id);
    });
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    try {
      await this.lock.write(SHUTDOWN_PATIENCE, () => this.process.stop());
    } catch (error) {
      if (!(error instanceof LockTimeoutError)) throw error;
      await this.process.stop();
    }
  }

  private async forgetWith(forget: (account: Withdrawal) => void | Promise<void>): Promise<void> {
    await forget({
      bucket: async (name) =>
        (await this.holding("buckets", name)).getR2Bucket(
          storageBinding.bucket(name),
          STORAGE_WORKER,
        ),
    });
    if (this.process.running) await this.reconfigure();
  }

  private async read<R>(
    kind: keyof AccountInventory,
    id: string,
    work: (miniflare: Miniflare, reader: Reader) => Promise<R>,
  ): Promise<R> {
    const { miniflare, reader } = await this.acquire(kind, id);
    try {
      return await work(miniflare, reader);
    } finally {
      reader.release();
    }
  }

  private async acquire(
    kind: keyof AccountInventory,
    id: string,
  ): Promise<{ miniflare: Miniflare; reader: Reader }> {
    for (;;) {
      const reader = await this.lock.acquireRead();
      const { ready } = this.process;
      if (ready?.holds[kind].includes(id)) return { miniflare: ready.miniflare, reader };
      reader.release();
      await this.lock.write(PATIENCE, () => this.holding(kind, id));
    }
  }

  /** The process once it holds this, for whoever has the write lock. */
  private async holding(kind: keyof AccountInventory, id: string): Promise<Miniflare> {
    if (!this.process.ready?.holds[kind].includes(id)) {
      if (!this.options.inventory()[kind].includes(id)) {
        throw new NotHeldError(`${id} is not among the account's ${kind}.`);
      }
      await this.configure(this.options.describe());
    }
    const { ready } = this.process;
    if (ready === undefined) throw new Error("The runtime ended right after its start.");
    return ready.miniflare;
  }

  /** An authority may have come up since the process was configured, with an environment's first database, say. */
  private async trustNewAuthorities(): Promise<void> {
    const current = await this.options.trustedAuthorities();
    const isOutdated = () => {
      const trusts = this.process.ready?.trusts;
      return trusts !== undefined && !isDeepStrictEqual(trusts, current);
    };
    if (!isOutdated()) return;
    await this.lock.write(PATIENCE, async () => {
      if (isOutdated()) await this.reconfigure();
    });
  }

  private async configure(spec: AccountSpec): Promise<void> {
    if (this.disposed) throw new Error("The local cloud is stopping.");
    await this.process.configure(spec, await this.options.trustedAuthorities());
  }

  /** Makes the process what the records say; one that cannot be is stopped, and starts with the next request. */
  private async reconfigure(): Promise<void> {
    try {
      await this.configure(this.options.describe());
    } catch (error) {
      this.options.log(`The runtime is stopped, since it could not be changed: ${String(error)}`);
      await this.process.stop();
    }
  }
}
