import { KeyedLock } from "../engines/keyed-lock.ts";
import type { VendorContext } from "../vendor-context.ts";

/** How many servers are worked on at once; each may be starting, which takes a processor. */
const MAX_AT_ONCE = 4;

/** What goes on after the API has answered: one piece of work at a time for each resource. */
class Background {
  readonly #locks = new KeyedLock();
  readonly #running = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #free = MAX_AT_ONCE;
  #isClosed = false;

  /** Does the work when the resource's earlier work is done. Its errors are its own to tell. */
  schedule(resource: string, work: () => Promise<void>): void {
    const running = this.#locks
      .run(resource, () => this.#whenFree(work))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when nothing is going on. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Lets what has begun come to its end; nothing more begins. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.idle();
  }

  async #whenFree(work: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      if (!this.#isClosed) await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

const known = new WeakMap<VendorContext, Background>();

/** The one of this cloud. */
export function backgroundOf(cloud: VendorContext): Background {
  const background = known.get(cloud) ?? new Background();
  known.set(cloud, background);
  return background;
}
