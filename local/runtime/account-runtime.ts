import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Miniflare } from "miniflare";
import type { AccountSpec } from "./account-spec.ts";
import { type BucketRequest, signedBucketRequest } from "./bucket-endpoint.ts";
import { miniflareOptions, STORAGE_WORKER, storageBinding } from "./miniflare-options.ts";
import { ReadWriteLock } from "./read-write-lock.ts";
import { releasedAtEnd } from "./released-at-end.ts";

export type D1Binding = Awaited<ReturnType<Miniflare["getD1Database"]>>;
export type R2Binding = Awaited<ReturnType<Miniflare["getR2Bucket"]>>;
export type KvBinding = Awaited<ReturnType<Miniflare["getKVNamespace"]>>;

/** The runtime refused a Worker's code; `message` is what it printed. */
export class ScriptRejectedError extends Error {}

/** How long a change of configuration waits for requests under way. */
const DRAIN_MS = 10_000;
/** The runtime's last lines of standard error, kept to explain a failed start. */
const KEPT_ERROR_LINES = 20;
/** Lets miniflare send a request to a Worker by name instead of by route. */
const ROUTE_HEADER = "MF-Route-Override";
const RESERVED_PATH = "/cdn-cgi/";

/**
 * One account's workerd process, by miniflare. It starts with the first request that needs it.
 * New databases, buckets and namespaces reach it with the next request that needs one it does
 * not hold yet, so that many creations cost one restart; Workers are applied at once, since the
 * vendor checks a script while it is uploaded.
 */
export class AccountRuntime {
  private readonly lock = new ReadWriteLock();
  private readonly options: {
    persistDir: string;
    describe: () => AccountSpec;
    log: (line: string) => void;
  };
  private miniflare: Miniflare | undefined;
  private applied: AccountSpec | undefined;
  private errorLines: string[] = [];
  private disposed = false;

  constructor(options: AccountRuntime["options"]) {
    this.options = options;
  }

  database<R>(id: string, work: (database: D1Binding) => Promise<R>): Promise<R> {
    return this.withRuntime(
      (spec) => spec.databases.includes(id),
      async (miniflare) =>
        work(await miniflare.getD1Database(storageBinding.database(id), STORAGE_WORKER)),
    );
  }

  bucket<R>(name: string, work: (bucket: R2Binding) => Promise<R>): Promise<R> {
    return this.withRuntime(
      (spec) => spec.buckets.includes(name),
      async (miniflare) =>
        work(await miniflare.getR2Bucket(storageBinding.bucket(name), STORAGE_WORKER)),
    );
  }

  namespace<R>(id: string, work: (namespace: KvBinding) => Promise<R>): Promise<R> {
    return this.withRuntime(
      (spec) => spec.namespaces.includes(id),
      async (miniflare) =>
        work(
          (await miniflare.getKVNamespace(
            storageBinding.namespace(id),
            STORAGE_WORKER,
          )) as KvBinding,
        ),
    );
  }

  /** Sends a request to a Worker; the runtime is not reconfigured before the body has been read. */
  async fetch(worker: string, request: Request): Promise<Response> {
    // The vendor keeps this path for itself too; here the runtime would answer it with buckets' objects.
    if (new URL(request.url).pathname.startsWith(RESERVED_PATH)) {
      return new Response(null, { status: 404 });
    }
    const headers = new Headers(request.headers);
    headers.set(ROUTE_HEADER, worker);
    return this.dispatch(
      (spec) => spec.workers.some(({ name }) => name === worker),
      async () => ({ url: request.url, headers }),
      request,
    );
  }

  /** Sends a request to a bucket's own S3 endpoint, bodies streamed both ways; see bucket-endpoint.ts. */
  bucketEndpoint(name: string, request: BucketRequest): Promise<Response> {
    return this.dispatch(
      (spec) => spec.buckets.includes(name),
      async (miniflare) => signedBucketRequest((await miniflare.ready).host, name, request),
      request,
    );
  }

  /**
   * Changes the account's Workers: the runtime loads what `change` makes of the account as it is,
   * and only then `commit` records it. Throws ScriptRejectedError, with the earlier Workers running
   * on and nothing recorded, when a script does not load.
   */
  async changeWorkers(
    change: (current: AccountSpec) => AccountSpec,
    commit: () => void,
  ): Promise<void> {
    await this.lock.write(DRAIN_MS, async () => {
      const previous = this.applied;
      try {
        await this.configure(change(this.options.describe()));
      } catch {
        const reason = this.errorLines.join("\n");
        if (previous === undefined) await this.stop();
        else await this.configure(previous);
        throw new ScriptRejectedError(reason);
      }
      commit();
    });
  }

  /** Whether the process runs now. */
  get running(): boolean {
    return this.miniflare !== undefined;
  }

  /** Takes away what the account no longer has, so that its files can be deleted. */
  async shrink(): Promise<void> {
    if (this.miniflare === undefined) return;
    await this.lock.write(DRAIN_MS, () => this.configure(this.options.describe()));
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.lock.write(DRAIN_MS, () => this.stop());
  }

  private async dispatch(
    holds: (spec: AccountSpec) => boolean,
    address: (miniflare: Miniflare) => Promise<{ url: string; headers: Headers }>,
    { method, body }: { method: string; body: BucketRequest["body"] },
  ): Promise<Response> {
    const { miniflare, release } = await this.acquire(holds);
    try {
      const { url, headers } = await address(miniflare);
      const response = await miniflare.dispatchFetch(url, {
        method,
        headers: [...headers],
        body: body as never,
        duplex: "half",
        redirect: "manual",
      });
      const responseBody = response.body as ReadableStream<Uint8Array> | null;
      if (responseBody === null) release();
      return new Response(responseBody && releasedAtEnd(responseBody, release), {
        status: response.status,
        statusText: response.statusText,
        headers: [...response.headers],
      });
    } catch (error) {
      release();
      throw error;
    }
  }

  private async withRuntime<R>(
    holds: (spec: AccountSpec) => boolean,
    work: (miniflare: Miniflare) => Promise<R>,
  ): Promise<R> {
    const { miniflare, release } = await this.acquire(holds);
    try {
      return await work(miniflare);
    } finally {
      release();
    }
  }

  private async acquire(
    holds: (spec: AccountSpec) => boolean,
  ): Promise<{ miniflare: Miniflare; release: () => void }> {
    for (;;) {
      const release = await this.lock.acquireRead();
      if (this.miniflare !== undefined && this.applied !== undefined && holds(this.applied)) {
        return { miniflare: this.miniflare, release };
      }
      release();
      await this.lock.write(DRAIN_MS, async () => {
        if (this.miniflare !== undefined && this.applied !== undefined && holds(this.applied))
          return;
        const spec = this.options.describe();
        if (!holds(spec))
          throw new Error("The account does not hold what was asked of its runtime.");
        await this.configure(spec);
      });
    }
  }

  private async configure(spec: AccountSpec): Promise<void> {
    if (this.disposed) throw new Error("The local cloud is stopping.");
    this.errorLines = [];
    // Loading miniflare takes longer than starting the API, so it waits for the first need.
    const { Log, LogLevel, Miniflare } = await import("miniflare");
    const options = {
      ...miniflareOptions(spec, this.options.persistDir),
      host: "127.0.0.1",
      port: 0,
      log: new Log(LogLevel.NONE),
      handleRuntimeStdio: (stdout: Readable, stderr: Readable) => this.watch(stdout, stderr),
    };
    const miniflare = this.miniflare;
    this.applied = undefined;
    if (miniflare === undefined) {
      const started = new Miniflare(options);
      this.miniflare = started;
      try {
        await started.ready;
      } catch (error) {
        await this.stop();
        throw error;
      }
    } else {
      await miniflare.setOptions(options);
    }
    this.applied = spec;
  }

  /** Follows one workerd process: its output goes to the log, and its unforeseen end empties this runtime. */
  private watch(stdout: Readable, stderr: Readable): void {
    createInterface({ input: stdout }).on("line", this.options.log);
    createInterface({ input: stderr }).on("line", (line) => {
      this.options.log(line);
      this.errorLines = [...this.errorLines, line].slice(-KEPT_ERROR_LINES);
    });
    const running = this.miniflare;
    stdout.on("close", () => {
      // `applied` is undefined while this class itself replaces the process.
      if (this.applied !== undefined && (running === undefined || running === this.miniflare)) {
        void this.stop();
      }
    });
  }

  private async stop(): Promise<void> {
    const miniflare = this.miniflare;
    this.miniflare = undefined;
    this.applied = undefined;
    await miniflare?.dispose().catch(() => undefined);
  }
}
