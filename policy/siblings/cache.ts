/** Stacks that were read before, one file each, so that only changed ones are exported again. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Raised when the files' form changes; files of another form are read as none. */
const FORMAT = 1;

/** Milliseconds after which a file goes: its stack, or the whole backend, may long be no more. */
const LIFETIME_MS = 30 * 24 * 3600 * 1000;

/** What a file is about, and of which moment. */
export interface CacheKey {
  readonly backendUrl: string;
  /** `organization/project/stack`. */
  readonly reference: string;
  /** Changes when the stack does. */
  readonly stamp: string;
}

/** A cached stack: a small document, and a large one that is parsed when it is needed. */
export interface Cached<Small, Large> {
  readonly small: Small;
  readonly large: () => Large;
}

/**
 * A folder of files that only their owner can read. A file holds one moment of one stack and
 * replaces that of an earlier moment; what is damaged counts as missing.
 */
export class StackCache<Small, Large> {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(key: CacheKey): Promise<Cached<Small, Large> | undefined> {
    const text = await readFile(this.#file(key), "utf8").catch(() => "");
    const [title, digest, small, large] = text.split("\n");
    if (title !== titleOf(key) || small === undefined || large === undefined) return undefined;
    if (digest !== digestOf(small, large)) return undefined;
    return { small: JSON.parse(small), large: () => JSON.parse(large) };
  }

  /** Without success where the folder cannot be written: it is then as slow as the first time. */
  async write(key: CacheKey, small: Small, large: Large): Promise<void> {
    const documents = [JSON.stringify(small), JSON.stringify(large)] as const;
    const text = [titleOf(key), digestOf(...documents), ...documents].join("\n");
    const file = this.#file(key);
    const unfinished = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(unfinished, text, { mode: 0o600, flag: "wx" });
      await rename(unfinished, file);
      await this.#removeOld();
    } catch {
      await rm(unfinished, { force: true }).catch(() => undefined);
    }
  }

  async #removeOld(): Promise<void> {
    const files = (await readdir(this.#folder)).map((name) => join(this.#folder, name));
    for (const file of files) {
      const { mtimeMs } = await stat(file);
      if (Date.now() - mtimeMs > LIFETIME_MS) await rm(file, { force: true });
    }
  }

  #file({ backendUrl, reference }: CacheKey): string {
    const name = createHash("sha256").update(JSON.stringify([backendUrl, reference]));
    return join(this.#folder, `${name.digest("hex").slice(0, 32)}.json`);
  }
}

const titleOf = ({ backendUrl, reference, stamp }: CacheKey): string =>
  JSON.stringify([FORMAT, createHash("sha256").update(backendUrl).digest("hex"), reference, stamp]);

const digestOf = (...documents: readonly string[]): string =>
  createHash("sha256").update(documents.join("\n")).digest("hex");
