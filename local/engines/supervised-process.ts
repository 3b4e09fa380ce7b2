import { setTimeout as sleep } from "node:timers/promises";
import type { ServerState } from "./engines.ts";
import { diskFullError, messageOf, says } from "./faults.ts";
import { type RunOptions, ServerProcess } from "./server-process.ts";
import { within } from "./within.ts";

/** How a server is started, asked and stopped. */
export interface ProcessPlan extends Omit<RunOptions, "onLine"> {
  /** Prefix of its lines in the log. */
  readonly name: string;
  /** Its folder, for errors. */
  readonly folder: string;
  readonly stopSignal: NodeJS.Signals;
  /** What must be done before each start. */
  readonly beforeStart?: () => Promise<void>;
  /** Rejects as long as the server does not answer. */
  readonly probe: () => Promise<void>;
  readonly log: (line: string) => void;
}

/** How one run of the server has ended. */
interface End {
  readonly reason: string;
  /** How long it had run; 0 when it never answered. */
  readonly ranMs: number;
  /** Whether another try would end in the same way. */
  readonly isFinal: boolean;
}

const POLL_MS = 40;
const START_TIMEOUT_MS = 60_000;
/** A server may take a connection and then say nothing. */
const PROBE_TIMEOUT_MS = 10_000;
const CONFIRM_TIMEOUT_MS = 10_000;
/** How long a server that is stopped may take, before it is ended by force. */
const STOP_TIMEOUT_MS = 10_000;
/** As long as it has not answered it has promised nothing to anybody, and may hang. */
const STOP_UNREADY_TIMEOUT_MS = 1000;
/** After this many ends in a row, each soon after the start, it is left alone. */
const MAX_FAILURES = 5;
const STABLE_MS = 10_000;
const FIRST_DELAY_MS = 100;
const STOPPED = "It was stopped meanwhile.";

/** One server: its process is started again when it ends by itself, until the server is stopped. */
export class SupervisedProcess {
  readonly #plan: ProcessPlan;
  #state: ServerState = "absent";
  #process: ServerProcess | undefined;
  readonly #stopping = new AbortController();
  #ready = deferred();
  #supervision: Promise<void> | undefined;

  constructor(plan: ProcessPlan) {
    this.#plan = plan;
  }

  get state(): ServerState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it when it does not run, and resolves when it answers. Throws why it does not. */
  async answer(): Promise<void> {
    if (this.#stopping.signal.aborted) throw new Error(STOPPED);
    if (this.#supervision === undefined) {
      this.#ready = deferred();
      this.#state = "starting";
      this.#supervision = this.#supervise().finally(() => {
        this.#supervision = undefined;
      });
    }
    await this.#ready.promise;
  }

  /** As `answer`, and asks a server that seems to run: it may have ended a moment ago. */
  async confirm(): Promise<void> {
    const deadline = Date.now() + CONFIRM_TIMEOUT_MS;
    while (true) {
      await this.answer();
      try {
        await this.#probe();
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await sleep(POLL_MS);
      }
    }
  }

  /** For good: who wants the server again makes another one of these. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const patienceMs = this.#state === "running" ? STOP_TIMEOUT_MS : STOP_UNREADY_TIMEOUT_MS;
    await this.#process?.end(this.#plan.stopSignal, patienceMs);
    await this.#supervision;
    this.#state = "absent";
  }

  async #supervise(): Promise<void> {
    const { name, folder, log } = this.#plan;
    const stopped = this.#stopping.signal;
    let failures = 0;
    while (true) {
      const end = await this.#runOnce().catch(
        (error): End => ({ reason: messageOf(error), ranMs: 0, isFinal: true }),
      );
      if (stopped.aborted) {
        this.#ready.reject(new Error(STOPPED));
        return;
      }
      failures = end.ranMs > STABLE_MS ? 1 : failures + 1;
      if (end.isFinal || failures >= MAX_FAILURES) {
        this.#state = "failed";
        log(`${name}: ${end.reason} It is not started again.`);
        this.#ready.reject(diskFullError(folder, end.reason) ?? new Error(end.reason));
        return;
      }
      if (this.#state === "running") this.#ready = deferred();
      this.#state = "starting";
      log(`${name}: ${end.reason} Starting it again.`);
      const delay = FIRST_DELAY_MS * 2 ** (failures - 1);
      await sleep(delay, undefined, { signal: stopped }).catch(() => undefined);
    }
  }

  /** From a start to the end of the process. */
  async #runOnce(): Promise<End> {
    const { name, stopSignal, log, beforeStart } = this.#plan;
    const stopped = this.#stopping.signal;
    await beforeStart?.();
    if (stopped.aborted) return { reason: "", ranMs: 0, isFinal: true };
    const process = await ServerProcess.start({
      ...this.#plan,
      onLine: (line) => log(`${name}: ${line}`),
    });
    this.#process = process;
    // Stopped while it was being started.
    if (stopped.aborted) await process.end(stopSignal, STOP_UNREADY_TIMEOUT_MS);

    const started = Date.now();
    const answers = await this.#untilItAnswers(process);
    if (answers) {
      this.#state = "running";
      this.#ready.resolve();
    } else if (!process.hasEnded) {
      await process.end("SIGKILL", 0);
      this.#process = undefined;
      const seconds = START_TIMEOUT_MS / 1000;
      const reason = `It did not answer within ${seconds} s.${says(process.lastLines)}`;
      return { reason, ranMs: 0, isFinal: true };
    }
    const by = await process.ended;
    this.#process = undefined;
    return {
      reason: `It ended by itself (${by}).${says(process.lastLines)}`,
      ranMs: answers ? Date.now() - started : 0,
      isFinal: false,
    };
  }

  #probe(): Promise<void> {
    return within(PROBE_TIMEOUT_MS, "It does not answer.", this.#plan.probe());
  }

  /** Whether it did before it ended and in time. */
  async #untilItAnswers(process: ServerProcess): Promise<boolean> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    const ended = process.ended.then(() => Promise.reject(new Error("It ended.")));
    ended.catch(() => undefined);
    while (!process.hasEnded && Date.now() < deadline) {
      try {
        await Promise.race([this.#probe(), ended]);
        return true;
      } catch {
        await sleep(POLL_MS);
      }
    }
    return false;
  }
}

interface Settle {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A promise that is settled from outside; nobody need be waiting for it. */
function deferred(): Settle & { readonly promise: Promise<void> } {
  let settle: Settle | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => undefined);
  return { promise, ...(settle as Settle) };
}
