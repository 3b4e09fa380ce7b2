import {
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { isDiskFull } from "./disk-full.ts";

/** A log that has grown to this goes on empty; what it held becomes `cloud.log.1`, in place of the earlier one. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** The log as one run of the cloud writes it. */
export interface RunLog {
  /** Open for appending. */
  readonly descriptor: number;
  /** What the run has written last, or the error that ended it; undefined when it wrote nothing. */
  readonly reason: () => string | undefined;
}

/** Opens the log for a new run. */
export function openRunLog(file: string): RunLog {
  const descriptor = openSync(file, "a", 0o600);
  bound(file, descriptor);
  const start = fstatSync(descriptor).size;
  return {
    descriptor,
    reason() {
      const bytes = readFileSync(file);
      // A log that is shorter than it was has begun anew since.
      return reasonIn(bytes.subarray(bytes.length < start ? 0 : start).toString("utf8"));
    },
  };
}

/**
 * Writes lines to a log that is open for appending, and keeps it from growing without bound. Each line
 * is whole in one of the two files, whoever else writes to them.
 */
export function boundedLog(file: string, descriptor: number): (line: string) => void {
  return (line) => {
    bound(file, descriptor);
    try {
      writeSync(descriptor, `${line}\n`);
    } catch (error) {
      // A full disk must not end the cloud; who asked it for something is told.
      if (!isDiskFull(error)) throw error;
    }
  };
}

/** The error of an uncaught exception stands before its stack; any other is the last line. */
export function reasonIn(output: string): string | undefined {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines.find((line) => /^\w*Error\b.*: /.test(line)) ?? lines.at(-1)?.trim();
}

/**
 * Copied and emptied, not renamed: the process has the file as its standard output and error too, which
 * cannot be led elsewhere. All who have it open append, so they go on at its new end.
 */
function bound(file: string, descriptor: number): void {
  if (fstatSync(descriptor).size < MAX_LOG_BYTES) return;
  try {
    copyFileSync(file, `${file}.1.new`);
    renameSync(`${file}.1.new`, `${file}.1`);
  } catch {
    // Without room for a copy the room is what counts.
    rmSync(`${file}.1.new`, { force: true });
  }
  // Nobody else in this process has written meanwhile, since nothing here lets others run.
  ftruncateSync(descriptor);
}
