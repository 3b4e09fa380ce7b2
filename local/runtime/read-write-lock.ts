/** One read under way. */
export interface Reader {
  /** Ends the read. Calling it again, or after a writer went on without this reader, does nothing. */
  readonly release: () => void;
  /** From now on an impatient writer may go on without waiting for the end of this read. */
  readonly mayBeLeft: () => void;
}

export interface Patience {
  /** How long a writer waits for readers that may be left behind. */
  readonly leaveAfterMs: number;
  /** How long it waits for the others before it gives up. */
  readonly giveUpAfterMs: number;
}

/** Readers that may not be left behind did not end in time; nothing was written. */
export class LockTimeoutError extends Error {}

interface WaitingWriter {
  impatient: boolean;
  readonly proceed: () => void;
}

/**
 * Many readers or one writer; a waiting writer goes before readers that come after it.
 * Readers are waited for, save those that allow to be left behind (an endless stream, say): a writer
 * goes on without them once it has waited long enough, and their release no longer counts.
 */
export class ReadWriteLock {
  private readonly readers = new Map<symbol, { expendable: boolean }>();
  private writing = false;
  private readonly waitingWriters: WaitingWriter[] = [];
  private waitingReaders: (() => void)[] = [];

  async acquireRead(): Promise<Reader> {
    while (this.writing || this.waitingWriters.length > 0) {
      await new Promise<void>((resolve) => this.waitingReaders.push(resolve));
    }
    const key = Symbol("reader");
    const state = { expendable: false };
    this.readers.set(key, state);
    return {
      release: () => {
        if (this.readers.delete(key)) this.wakeNext();
      },
      mayBeLeft: () => {
        state.expendable = true;
        this.wakeNext();
      },
    };
  }

  /** Runs `work` alone, or throws LockTimeoutError when `patience` ends before the readers do. */
  async write<R>(patience: Patience, work: () => Promise<R>): Promise<R> {
    await this.acquireWrite(patience);
    try {
      return await work();
    } finally {
      this.writing = false;
      this.wakeNext();
    }
  }

  private async acquireWrite({ leaveAfterMs, giveUpAfterMs }: Patience): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const writer: WaitingWriter = {
        impatient: false,
        proceed: () => {
          clearTimeout(impatience);
          clearTimeout(limit);
          resolve();
        },
      };
      const impatience = setTimeout(() => {
        writer.impatient = true;
        this.wakeNext();
      }, leaveAfterMs);
      const limit = setTimeout(() => {
        // Writers ahead are progress; only readers exhaust the patience.
        if (this.writing || this.waitingWriters[0] !== writer) {
          limit.refresh();
          return;
        }
        clearTimeout(impatience);
        this.waitingWriters.shift();
        reject(new LockTimeoutError("Readers did not end in time."));
        this.wakeNext();
      }, giveUpAfterMs);
      this.waitingWriters.push(writer);
      this.wakeNext();
    });
  }

  private wakeNext(): void {
    if (this.writing) return;
    const [writer] = this.waitingWriters;
    if (writer === undefined) {
      const readers = this.waitingReaders;
      this.waitingReaders = [];
      for (const wake of readers) wake();
      return;
    }
    const isLeft = (reader: { expendable: boolean }) => writer.impatient && reader.expendable;
    if (![...this.readers.values()].every(isLeft)) return;
    this.readers.clear();
    this.waitingWriters.shift();
    this.writing = true;
    writer.proceed();
  }
}
