import { createHash, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { copyFile, type FileHandle, link, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Bytes in a file of their own. */
export interface Segment {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
}

/** Content that is on disk and that nothing names yet. */
export interface Received {
  readonly segments: readonly Segment[];
  readonly size: number;
  /** Hexadecimal MD5 of all bytes. */
  readonly md5: string;
}

/** Writes files for one request. */
export interface Draft {
  /** Writes the stream to the disk; null has no bytes. */
  readonly receive: (stream: ReadableStream<Uint8Array> | null) => Promise<Received>;
  /** Other files with the same bytes. */
  readonly copy: (segments: readonly Segment[]) => Promise<Segment[]>;
}

const READ_BYTES = 256 * 1024;
/** So that no folder has very many files: a file is in the one that its name begins with. */
const FOLDERS = "0123456789abcdef";

/**
 * The bytes of objects, each piece in a file that is written once and never changed. A file is on disk before
 * anything names it; files that a killed process left without a name are swept.
 */
export class Blobs {
  readonly #folder: string;
  readonly #log: (line: string) => void;
  /** Files that are being written, or that are about to be named. */
  readonly #drafts = new Set<string>();
  /** How many are reading a file; it is deleted when the last has finished. */
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(folder: string, log: (line: string) => void) {
    this.#folder = folder;
    this.#log = log;
    for (const name of FOLDERS) {
      mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    }
  }

  /**
   * Runs `work`, which writes files and then, as the last thing it does, names them where they are kept. When
   * it throws, its files go.
   */
  async draft<R>(work: (draft: Draft) => Promise<R>): Promise<R> {
    const files: string[] = [];
    const newFile = () => {
      const file = randomUUID();
      files.push(file);
      this.#drafts.add(file);
      return file;
    };
    try {
      return await work({
        receive: (stream) => this.#receive(stream, newFile),
        copy: (segments) => this.#copy(segments, newFile),
      });
    } catch (error) {
      this.discard(files.map((file) => ({ file })));
      throw error;
    } finally {
      for (const file of files) this.#drafts.delete(file);
    }
  }

  /** The bytes from `start` to before `end` of the segments one after the other. */
  read(segments: readonly Segment[], start: number, end: number): ReadableStream<Uint8Array> {
    const files = segments.map(({ file }) => file);
    this.#hold(files);
    const chunks = this.#chunks(segments, start, end);
    let isHeld = true;
    const release = () => {
      if (isHeld) this.#release(files);
      isHeld = false;
    };
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          try {
            const { done, value } = await chunks.next();
            if (done !== true) return controller.enqueue(value);
            controller.close();
            release();
          } catch (error) {
            release();
            throw error;
          }
        },
        async cancel() {
          await chunks.return(undefined);
          release();
        },
      },
      { highWaterMark: 1 },
    );
  }

  /** Deletes files that nothing names any more. What cannot be deleted now is swept at the next start. */
  discard(segments: readonly Pick<Segment, "file">[]): void {
    for (const { file } of segments) {
      if (this.#readers.has(file)) this.#doomed.add(file);
      else this.#delete(file);
    }
  }

  /** Deletes every file that is neither in use nor among those that `named` answers; tells how many. */
  async sweep(named: () => Set<string>): Promise<number> {
    const folders = await readdir(this.#folder);
    const found = (
      await Promise.all(folders.map((folder) => readdir(join(this.#folder, folder))))
    ).flat();
    const keep = named();
    const orphans = found.filter(
      (file) => !keep.has(file) && !this.#drafts.has(file) && !this.#readers.has(file),
    );
    await Promise.all(orphans.map((file) => rm(this.#path(file), { force: true })));
    return orphans.length;
  }

  async #receive(
    stream: ReadableStream<Uint8Array> | null,
    newFile: () => string,
  ): Promise<Received> {
    const md5 = createHash("md5");
    if (stream === null) return { segments: [], size: 0, md5: md5.digest("hex") };
    const file = newFile();
    const handle = await open(this.#path(file), "wx", 0o600);
    let size = 0;
    try {
      for await (const chunk of stream) {
        md5.update(chunk);
        await writeAll(handle, chunk);
        size += chunk.byteLength;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await this.#syncFolderOf(file);
    return { segments: [{ file, size }], size, md5: md5.digest("hex") };
  }

  async #copy(segments: readonly Segment[], newFile: () => string): Promise<Segment[]> {
    const files = segments.map(({ file }) => file);
    this.#hold(files);
    try {
      const copies: Segment[] = [];
      for (const { file, size } of segments) {
        const copy = newFile();
        await this.#duplicate(file, copy);
        copies.push({ file: copy, size });
      }
      return copies;
    } finally {
      this.#release(files);
    }
  }

  /** A file is never changed, so that two names for the same bytes are as good as a copy. */
  async #duplicate(file: string, copy: string): Promise<void> {
    try {
      await link(this.#path(file), this.#path(copy));
    } catch {
      // Not every file system has links.
      await copyFile(this.#path(file), this.#path(copy));
      await syncPath(this.#path(copy));
    }
    await this.#syncFolderOf(copy);
  }

  async *#chunks(segments: readonly Segment[], start: number, end: number) {
    let offset = 0;
    for (const { file, size } of segments) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, size);
      if (from < to) yield* readFile(this.#path(file), from, to);
      offset += size;
    }
  }

  #hold(files: readonly string[]): void {
    for (const file of files) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
  }

  #release(files: readonly string[]): void {
    for (const file of files) {
      const left = (this.#readers.get(file) ?? 1) - 1;
      if (left > 0) {
        this.#readers.set(file, left);
      } else {
        this.#readers.delete(file);
        if (this.#doomed.delete(file)) this.#delete(file);
      }
    }
  }

  #delete(file: string): void {
    rm(this.#path(file), { force: true }).catch((error: Error) =>
      this.#log(`An object's file that is no longer needed could not be deleted: ${error.message}`),
    );
  }

  #path(file: string): string {
    return join(this.#folder, file.slice(0, 1), file);
  }

  #syncFolderOf(file: string): Promise<void> {
    return syncPath(join(this.#folder, file.slice(0, 1)));
  }
}

/** Brings a file, or a folder's list of files, to the disk. */
async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.byteLength; ) {
    written += (await handle.write(bytes, written)).bytesWritten;
  }
}

async function* readFile(path: string, from: number, to: number): AsyncGenerator<Uint8Array> {
  const handle = await open(path, "r");
  try {
    for (let place = from; place < to; ) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, to - place));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, place);
      if (bytesRead === 0) throw new Error("An object's file is shorter than its record says.");
      place += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
