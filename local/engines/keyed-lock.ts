/** Runs pieces of work one after the other for each key, in the order of their calls. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<R>(key: string, work: () => Promise<R>): Promise<R> {
    const earlier = this.#last.get(key) ?? Promise.resolve();
    const current = earlier.then(work, work);
    this.#last.set(key, current);
    try {
      return await current;
    } finally {
      if (this.#last.get(key) === current) this.#last.delete(key);
    }
  }

  /** Resolves when no work is under way, however it ended. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.allSettled(this.#last.values());
  }
}
