import { causeOf } from "./engines/faults.ts";
import type { VendorContext } from "./vendor-context.ts";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const REMEDY = "Remove the cause: it is tried again by itself, a minute later at the latest.";

/** Milliseconds until what has failed so often in a row is tried again. */
export const pauseAfter = (failures: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);

/** Work that brings a resource to what its record says, and may be done again at any time. */
interface Task {
  /** Begins the sentences of the log, e.g. `The database cluster main`. */
  readonly what: string;
  /** Reads the record itself: it succeeds without effect when there is nothing to do any more. */
  readonly work: () => Promise<void>;
}

interface Trouble {
  failures: number;
  /** What the log has of it. */
  readonly told: Set<string>;
  timer?: NodeJS.Timeout;
}

interface RetriesOptions {
  readonly log: (line: string) => void;
  /** Whether the cloud is ending, which makes work fail that will be done by the next one. */
  readonly isEnding: () => boolean;
  readonly pauseMs?: (failures: number) => number;
}

/** Background work that is tried again, after growing pauses, until it succeeds or the cloud ends. */
export class Retries {
  readonly #options: RetriesOptions;
  readonly #troubles = new Map<string, Trouble>();
  #isClosed = false;

  constructor(options: RetriesOptions) {
    this.#options = options;
  }

  /**
   * Does the work now, in the place of what is waiting for that key, and again while it fails. Resolves
   * when it was tried once; failures are in the log, each once with its cause and the remedy.
   */
  async run(key: string, task: Task): Promise<void> {
    clearTimeout(this.#troubles.get(key)?.timer);
    try {
      await task.work();
    } catch (error) {
      this.#tryAgain(key, task, error);
      return;
    }
    if (this.#troubles.has(key) && !this.#isClosed) {
      this.#options.log(`${task.what}: what had failed is done.`);
    }
    this.end(key);
  }

  /** Nothing is tried again for that key: what it belongs to is gone. */
  end(key: string): void {
    clearTimeout(this.#troubles.get(key)?.timer);
    this.#troubles.delete(key);
  }

  /** Nothing is tried again at all. The next cloud goes on with what the records say. */
  close(): void {
    this.#isClosed = true;
    for (const key of [...this.#troubles.keys()]) this.end(key);
  }

  #tryAgain(key: string, task: Task, error: unknown): void {
    const { log, isEnding, pauseMs = pauseAfter } = this.#options;
    if (this.#isClosed || isEnding()) return;
    const trouble: Trouble = this.#troubles.get(key) ?? { failures: 0, told: new Set() };
    this.#troubles.set(key, trouble);
    const cause = causeOf(error);
    if (!trouble.told.has(cause)) log(`${task.what} cannot go on. ${cause} ${REMEDY}`);
    trouble.told.add(cause);
    trouble.failures += 1;
    clearTimeout(trouble.timer);
    trouble.timer = setTimeout(() => void this.run(key, task), pauseMs(trouble.failures)).unref();
  }
}

const known = new WeakMap<VendorContext, Retries>();

/** Those of this cloud. */
export function retriesOf(cloud: VendorContext): Retries {
  const { log, engines } = cloud;
  const retries = known.get(cloud) ?? new Retries({ log, isEnding: () => engines.isDisposed });
  known.set(cloud, retries);
  return retries;
}
