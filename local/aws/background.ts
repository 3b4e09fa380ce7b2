import { KeyedLock } from "../engines/keyed-lock.ts";
import { type Retries, retriesOf } from "../retries.ts";
import type { VendorContext } from "../vendor-context.ts";

/** How many servers are worked on at once; each may be starting, which takes a processor. */
const MAX_AT_ONCE = 4;

/** Work that brings a resource to what its document says, and may be done again at any time. */
interface Task {
  /** Begins the sentences of the log, e.g. `The database orders of AWS account 123456789012`. */
  readonly what: string;
  readonly work: () => Promise<void>;
  /** Notes that the resource is in trouble, until the work succeeds. */
  readonly onTrouble?: () => void;
}

/** What goes on after the API has answered: one piece of work at a time for each resource. */
class Background {
  readonly #cloud: VendorContext;
  readonly #retries: Retries;
  readonly #locks = new KeyedLock();
  readonly #running = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #free = MAX_AT_ONCE;
  #isClosed = false;

  constructor(cloud: VendorContext) {
    this.#cloud = cloud;
    this.#retries = retriesOf(cloud);
  }

  /** Does the work when the resource's earlier work is done, and again while it fails. */
  schedule(resource: string, task: Task): void {
    void this.#retries.run(resource, {
      what: task.what,
      work: () => this.#tracked(this.#locks.run(resource, () => this.#whenFree(task))),
    });
  }

  /** Resolves when nothing is going on. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Lets what has begun come to its end; nothing more begins. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#retries.close();
    await this.idle();
  }

  /** Also what is tried again is waited for. */
  #tracked(running: Promise<void>): Promise<void> {
    const ended = running.catch(() => undefined).finally(() => this.#running.delete(ended));
    this.#running.add(ended);
    return running;
  }

  async #whenFree(task: Task): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      if (!this.#isClosed) await this.#attempt(task);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  async #attempt({ work, onTrouble }: Task): Promise<void> {
    try {
      await work();
    } catch (error) {
      // What fails because the cloud ends is no trouble: it goes on with it when it starts again.
      if (!this.#isClosed && !this.#cloud.engines.isDisposed) onTrouble?.();
      throw error;
    }
  }
}

const known = new WeakMap<VendorContext, Background>();

/** The one of this cloud. */
export function backgroundOf(cloud: VendorContext): Background {
  const background = known.get(cloud) ?? new Background(cloud);
  known.set(cloud, background);
  return background;
}
