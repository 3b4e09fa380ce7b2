import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROBES } from "../drift/index.ts";
import { openTestEstate, type TestEstate } from "../test/support/estate.ts";
import { cloneStack } from "../test/support/many-stacks.ts";
import { type PeakMemory, peakMemory } from "../test/support/process-tree.ts";
import { compare, megabytes } from "./measure.ts";

/** How many stacks are looked at, in turn; fewer by BULKHEAD_BENCH_STACKS, for example `1,5`. */
const COUNTS = (process.env.BULKHEAD_BENCH_STACKS ?? "1,10,100").split(",").map(Number);

/** Of each contender; the hundred stacks take minutes. */
const RUNS = Number(process.env.BULKHEAD_BENCH_RUNS ?? 3);

/** `drift` beside what finds the least of it: a refresh preview of each stack, one by one. */
export async function benchDrift(): Promise<void> {
  const estate = openTestEstate(undefined, ["cutty"]);
  try {
    const up = await estate.bulkhead("up", "dev", "--yes");
    if (up.exitCode !== 0) throw new Error(up.output);
    const all = await cloneStack(estate, "dev", Math.max(...COUNTS));
    for (const name of all) writeFileSync(join(estate.stateDir, `Pulumi.${name}.yaml`), "");
    for (const count of COUNTS) await benchStacks(estate, all.slice(0, count));
  } finally {
    await estate.close();
  }
}

async function benchStacks(estate: TestEstate, stacks: readonly string[]): Promise<void> {
  const peaks: Record<string, PeakMemory> = {};
  const look = (name: string, skipped: readonly string[], codes: readonly number[]) => ({
    name,
    run: async () => {
      const skip = skipped.length > 0 ? ["--skip", ...skipped] : [];
      const run = estate.startBulkhead("drift", ...stacks, "--json", ...skip);
      const peak = await peakMemory(run.pid, run.done);
      const { exitCode = 1, output } = await run.done;
      if (!codes.includes(exitCode)) throw new Error(output);
      peaks[name] = peak;
    },
  });
  await compare(
    `drift of ${stacks.length} ${stacks.length === 1 ? "stack" : "stacks"}`,
    [
      { name: "pulumi refresh --preview-only, one by one", run: () => oneByOne(estate, stacks) },
      look(
        "drift, without probes",
        PROBES.map(({ name }) => name),
        [0],
      ),
      look("drift, without the program", ["program"], [0]),
      // What the stacks were made of is less than the program declares.
      look("drift", [], [2]),
    ],
    RUNS,
  );
  for (const [name, { own, tree }] of Object.entries(peaks))
    console.log(`${name}: at most ${megabytes(own)}, with all that it starts ${megabytes(tree)}`);
}

async function oneByOne(estate: TestEstate, stacks: readonly string[]): Promise<void> {
  const refresh = `pulumi refresh --preview-only --non-interactive -s "$stack" --config-file "${estate.stateDir}/Pulumi.$stack.yaml"`;
  const line = `for stack in ${stacks.join(" ")}; do ${refresh} || exit 1; done`;
  const { exitCode, output } = await estate.shell(line);
  if (exitCode !== 0) throw new Error(output);
}
