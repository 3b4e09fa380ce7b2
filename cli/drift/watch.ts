import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, UserError } from "../user-error.ts";

const UNITS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** What a timer of Node can wait for is a little less than 25 days. */
const LONGEST_HOURS = 24 * 7;

/** `30s`, `15m`, `1h` of an option in milliseconds. @throws UserError for anything else. */
export function parseInterval(text: string, option = "--watch"): number {
  const [, number, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const interval = Number(number) * (UNITS[unit as keyof typeof UNITS] ?? Number.NaN);
  if (interval >= UNITS.s && interval <= LONGEST_HOURS * UNITS.h) return interval;
  throw new UserError(
    `${option} is "${text}", which is no interval.`,
    "Give a number with s, m or h, like 30s, 15m or 1h; at most a week.",
  );
}

/** An exit code of a run that has told nothing. */
const COULD_NOT_TELL = 1;

export interface WatchOptions {
  /** From the start of a run to that of the next. */
  readonly intervalMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** One run. @returns its exit code. */
  readonly run: () => Promise<number>;
  readonly report: (line: string) => void;
  readonly now?: () => number;
}

/**
 * Runs again and again until it is told to end. A run that takes longer than the interval is followed at
 * once by the next; there are never two.
 *
 * @returns the exit code of the last run that came to its end.
 */
export async function watch({
  intervalMs,
  signal,
  run,
  report,
  now = () => performance.now(),
}: WatchOptions): Promise<number> {
  let exitCode = COULD_NOT_TELL;
  while (!signal.aborted) {
    const started = now();
    try {
      exitCode = await run();
    } catch (error) {
      if (signal.aborted) break;
      // The backend may be back at the next run, and the settings mended.
      report(`The run failed: ${messageOf(error)}`);
      exitCode = COULD_NOT_TELL;
    }
    const rest = intervalMs - (now() - started);
    // Ends early by its signal, which ends the loop.
    if (rest > 0) await sleep(rest, undefined, { signal }).catch(() => undefined);
  }
  return exitCode;
}
