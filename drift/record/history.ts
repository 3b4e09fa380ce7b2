/** The file of past runs: a line of JSON for each. */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type RunRecord, runRecordSchema } from "./run-record.ts";

/** Bytes after which a file is put aside: a year of hourly runs, or a day of a run each half minute. */
const FULL = 4 * 1024 * 1024;

/** Files that were put aside and are kept. */
const KEPT = 4;

const CURRENT = "history.jsonl";

/** `history-1764000000000-4711.jsonl`: the time at which it was put aside, and by which process. */
const ASIDE = /^history-(\d+)-\d+\.jsonl$/;

/** A folder that keeps what is worth knowing of past runs, for one that comes later. */
export class History {
  readonly #folder: string;
  readonly #full: number;

  /** @param stateDir of the project; the history is in its folder `drift`. */
  constructor(stateDir: string, full: number = FULL) {
    this.#folder = join(stateDir, "drift");
    this.#full = full;
  }

  /** Its current file, for messages. */
  get file(): string {
    return join(this.#folder, CURRENT);
  }

  /** Past runs of a cloud, oldest first. */
  read(cloud: string): RunRecord[] {
    return this.readAll().filter((record) => record.cloud === cloud);
  }

  /** Past runs of every cloud. What a killed run has left half-written is passed over. */
  readAll(): RunRecord[] {
    return [...this.#aside(), CURRENT]
      .flatMap((name) => readIfPresent(join(this.#folder, name)).split("\n"))
      .flatMap(parseLine)
      .sort((a, b) => a.at.localeCompare(b.at));
  }

  /** Adds a run; when it returns, the line is on the disk. Several processes may do so at once. */
  append(record: RunRecord): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#putAside();
    const file = openSync(this.file, "a+", 0o600);
    try {
      // The line is one write at the file's end, so that two processes do not mix theirs.
      writeSync(file, `${endsInTheMiddle(file) ? "\n" : ""}${JSON.stringify(record)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  /** A full file gets a name of its own: of two processes that do it at once neither loses anything. */
  #putAside(): void {
    const { size = 0 } = statSync(this.file, { throwIfNoEntry: false }) ?? {};
    if (size < this.#full) return;
    try {
      renameSync(this.file, join(this.#folder, `history-${Date.now()}-${process.pid}.jsonl`));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    for (const name of this.#aside().slice(0, -KEPT))
      rmSync(join(this.#folder, name), { force: true });
  }

  /** Oldest first. */
  #aside(): string[] {
    const time = (name: string) => Number(ASIDE.exec(name)?.[1]);
    try {
      return readdirSync(this.#folder)
        .filter((name) => ASIDE.test(name))
        .sort((a, b) => time(a) - time(b));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}

function parseLine(line: string): RunRecord[] {
  if (line === "") return [];
  try {
    const parsed = runRecordSchema.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}

/** A process that was killed while it wrote leaves a line without its end. */
function endsInTheMiddle(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last.toString() !== "\n";
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";
