/**
 * Many readers or one writer; a waiting writer goes before readers that come after it.
 * A reader that outlives the writer's patience (an endless stream, say) is left behind:
 * the writer goes on and that reader's release no longer counts.
 */
export class ReadWriteLock {
  private readers = new Set<symbol>();
  private writing = false;
  private readonly waitingWriters: (() => void)[] = [];
  private waitingReaders: (() => void)[] = [];

  /** Resolves with the function that ends this read. */
  async acquireRead(): Promise<() => void> {
    while (this.writing || this.waitingWriters.length > 0) {
      await new Promise<void>((resolve) => this.waitingReaders.push(resolve));
    }
    const reader = Symbol("reader");
    this.readers.add(reader);
    return () => {
      if (this.readers.delete(reader)) this.wakeNext();
    };
  }

  /** Runs `work` alone, after the readers have ended or `patienceMs` have passed. */
  async write<R>(patienceMs: number, work: () => Promise<R>): Promise<R> {
    await this.acquireWrite(patienceMs);
    try {
      return await work();
    } finally {
      this.writing = false;
      this.wakeNext();
    }
  }

  private async acquireWrite(patienceMs: number): Promise<void> {
    if (!this.writing && this.readers.size === 0) {
      this.writing = true;
      return;
    }
    await new Promise<void>((resolve) => {
      const proceed = () => {
        clearTimeout(timer);
        this.writing = true;
        resolve();
      };
      const timer = setTimeout(() => {
        if (this.writing) {
          timer.refresh();
          return;
        }
        this.readers = new Set();
        this.waitingWriters.splice(this.waitingWriters.indexOf(proceed), 1);
        proceed();
      }, patienceMs);
      this.waitingWriters.push(proceed);
    });
  }

  private wakeNext(): void {
    if (this.writing || this.readers.size > 0) return;
    const writer = this.waitingWriters.shift();
    if (writer !== undefined) {
      writer();
      return;
    }
    const readers = this.waitingReaders;
    this.waitingReaders = [];
    for (const wake of readers) wake();
  }
}
