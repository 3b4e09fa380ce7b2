import { openSync, readFileSync, renameSync, statSync } from "node:fs";

/** A log that has grown beyond this becomes `cloud.log.1` at the next start, replacing the earlier one. */
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
  if (sizeOf(file) > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
  const start = sizeOf(file);
  return {
    descriptor: openSync(file, "a", 0o600),
    reason: () => reasonIn(readFileSync(file).subarray(start).toString("utf8")),
  };
}

/** The error of an uncaught exception stands before its stack; any other is the last line. */
export function reasonIn(output: string): string | undefined {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines.find((line) => /^\w*Error\b.*: /.test(line)) ?? lines.at(-1)?.trim();
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
