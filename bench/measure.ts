import Table from "cli-table3";

/** One way of doing a job, as a user would run it. */
export interface Contender {
  readonly name: string;
  /** Not counted. */
  readonly prepare?: () => Promise<void>;
  readonly run: () => Promise<void>;
}

/** Seconds of each counted run. */
export interface Timing {
  readonly name: string;
  readonly seconds: readonly number[];
}

/**
 * Runs the contenders in turn, A B A B …, so that a change in the machine's speed meets both, and
 * prints medians and the ratio to the first pair by pair.
 */
export async function compare(
  title: string,
  contenders: readonly Contender[],
  runs: number,
): Promise<readonly Timing[]> {
  const timings = contenders.map(({ name }) => ({ name, seconds: [] as number[] }));
  for (let round = 0; round < runs; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      console.error(`${title}: ${contender.name}, run ${round + 1} of ${runs}`);
      await contender.prepare?.();
      const started = performance.now();
      await contender.run();
      timings[index]?.seconds.push((performance.now() - started) / 1000);
    }
  }
  const [reference] = timings;
  const table = new Table({
    head: [title, "median s", "min s", "max s", "ratio"],
    style: { head: [], border: [] },
  });
  for (const { name, seconds } of timings) {
    const ratios = seconds.map((value, index) => value / (reference?.seconds[index] ?? value));
    table.push([
      name,
      median(seconds).toFixed(2),
      Math.min(...seconds).toFixed(2),
      Math.max(...seconds).toFixed(2),
      median(ratios).toFixed(2),
    ]);
  }
  console.log(table.toString());
  return timings;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export const megabytes = (bytes: number | undefined): string =>
  `${Math.round((bytes ?? 0) / 1024 / 1024)} MB`;
