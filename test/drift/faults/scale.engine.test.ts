import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DriftReport } from "../../../drift/report/report.ts";
import { openTestEstate, type TestEstate } from "../../support/estate.ts";
import { cloneStack } from "../../support/many-stacks.ts";
import { type PeakMemory, peakMemory } from "../../support/process-tree.ts";

const FEW = 4;
const MANY = 16;

/** Bytes for a stack more: its reading and its findings. */
const GROWTH = 4 * 1024 * 1024;

let estate: TestEstate;
let stacks: readonly string[];
beforeAll(async () => {
  estate = openTestEstate(undefined, ["cutty"]);
  const up = await estate.bulkhead("up", "dev", "--yes");
  expect(up.exitCode, up.output).toBe(0);
  stacks = await cloneStack(estate, "dev", MANY);
});
afterAll(() => estate.close());

describe.runIf(process.platform === "linux")("the memory of a run", () => {
  it("hardly depends on how many stacks it looks at", async () => {
    // The first run fills the cache of states, as every run after it finds it.
    await lookAt(stacks);
    const few = await lookAt(stacks.slice(0, FEW));
    const many = await lookAt(stacks);
    const measured = JSON.stringify({ few, many });
    expect((many.own - few.own) / (MANY - FEW), measured).toBeLessThan(GROWTH);
    // As many engines and plugins at once, however many stacks wait for theirs.
    expect(many.tree, measured).toBeLessThan(few.tree * 1.4);
  });

  async function lookAt(chosen: readonly string[]): Promise<PeakMemory> {
    const run = estate.startBulkhead(
      ...["drift", ...chosen, "--json", "--parallel", "2", "--skip", "program"],
    );
    const peak = await peakMemory(run.pid, run.done);
    const { exitCode, stdout, output } = await run.done;
    expect(exitCode, output).toBe(0);
    const { summary }: DriftReport = JSON.parse(stdout);
    expect(summary).toMatchObject({ stacks: chosen.length, incomplete: 0 });
    return peak;
  }
});
