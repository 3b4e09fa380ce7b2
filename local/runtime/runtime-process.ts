import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Miniflare } from "miniflare";
import { type AccountInventory, type AccountSpec, inventoryOf } from "./account-spec.ts";
import { DatabaseProxies } from "./database-proxies.ts";
import { miniflareOptions } from "./miniflare-options.ts";

/** The runtime refused a Worker's code; `message` is what it printed. */
export class ScriptRejectedError extends Error {}

/** The runtime's last lines of standard error, kept to explain a failed start. */
const KEPT_ERROR_LINES = 20;
/** How long a process that failed to start may take to say why. */
const LAST_WORDS_MS = 1000;

/** Miniflare's codes for a runtime that did not start, and for a Worker that it would not even try. */
const RUNTIME_FAILURE = "ERR_RUNTIME_FAILURE";
const BAD_WORKER =
  /^ERR_(VALIDATION|FUTURE_COMPATIBILITY_DATE|MODULE_.*|SERVICE_WORKER_.*|INVALID_WRAPPED)$/;

/**
 * One account's workerd process, by miniflare: started with the first configuration, replaced with
 * each later one. Not safe for concurrent use; account-runtime.ts takes care of that.
 */
export class RuntimeProcess {
  private readonly persistDir: string;
  private readonly log: (line: string) => void;
  private readonly proxies: DatabaseProxies;
  private current: Miniflare | undefined;
  private inventory: AccountInventory | undefined;
  private trusted: readonly string[] = [];
  private errorLines: string[] = [];
  private errorsEnd: Promise<unknown> = Promise.resolve();

  constructor(persistDir: string, log: (line: string) => void) {
    this.persistDir = persistDir;
    this.log = log;
    this.proxies = new DatabaseProxies(log);
  }

  get running(): boolean {
    return this.current !== undefined;
  }

  /** The process and what it holds, while it runs as it was last configured. */
  get ready():
    | { miniflare: Miniflare; holds: AccountInventory; trusts: readonly string[] }
    | undefined {
    if (this.current === undefined || this.inventory === undefined) return undefined;
    return { miniflare: this.current, holds: this.inventory, trusts: this.trusted };
  }

  /**
   * Makes the process hold `spec`, its Workers trusting these certificate authorities (PEM) beside the
   * public ones. Throws ScriptRejectedError when a Worker's code is the reason that it cannot.
   */
  async configure(spec: AccountSpec, trustedAuthorities: readonly string[]): Promise<void> {
    this.errorLines = [];
    this.inventory = undefined;
    try {
      await this.apply(spec, trustedAuthorities);
    } catch (error) {
      throw await this.explained(error);
    }
    this.proxies.closeUnused(spec);
    this.trusted = trustedAuthorities;
    this.inventory = inventoryOf(spec);
  }

  async stop(): Promise<void> {
    const miniflare = this.current;
    this.current = undefined;
    this.inventory = undefined;
    this.proxies.closeAll();
    await miniflare?.dispose().catch(() => undefined);
  }

  private async apply(spec: AccountSpec, trustedAuthorities: readonly string[]): Promise<void> {
    // Loading miniflare takes longer than starting the API, so it waits for the first need.
    const { Log, LogLevel, Miniflare } = await import("miniflare");
    const options = {
      ...miniflareOptions(spec, {
        persistDir: this.persistDir,
        databasePorts: await this.proxies.follow(spec),
        trustedAuthorities,
      }),
      host: "127.0.0.1",
      port: 0,
      log: new Log(LogLevel.NONE),
      handleRuntimeStdio: (stdout: Readable, stderr: Readable) => this.watch(stdout, stderr),
    };
    if (this.current !== undefined) {
      await this.current.setOptions(options);
      return;
    }
    this.current = new Miniflare(options);
    try {
      await this.current.ready;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  private async explained(error: unknown): Promise<unknown> {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (BAD_WORKER.test(code)) return new ScriptRejectedError((error as Error).message);
    if (code !== RUNTIME_FAILURE) return error;
    await Promise.race([this.errorsEnd, sleep(LAST_WORDS_MS)]);
    return this.errorLines.length === 0
      ? error
      : new ScriptRejectedError(this.errorLines.join("\n"));
  }

  /** Follows one workerd process: its output goes to the log, and its unforeseen end empties this object. */
  private watch(stdout: Readable, stderr: Readable): void {
    createInterface({ input: stdout }).on("line", this.log);
    const errors = createInterface({ input: stderr }).on("line", (line) => {
      this.log(line);
      this.errorLines = [...this.errorLines, line].slice(-KEPT_ERROR_LINES);
    });
    this.errorsEnd = new Promise((resolve) => errors.once("close", () => resolve(undefined)));
    const watched = this.current;
    stdout.on("close", () => {
      // `inventory` is undefined while this class itself replaces the process.
      if (this.inventory !== undefined && (watched === undefined || watched === this.current)) {
        void this.stop();
      }
    });
  }
}
