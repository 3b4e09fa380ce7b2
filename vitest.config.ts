import { availableParallelism, totalmem } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Tests that start the local cloud or Pulumi: minutes, not milliseconds. */
const HEAVY = ["test/**/*.e2e.test.ts", "test/**/*.engine.test.ts"];

/** What a heavy file needs at most: Pulumi's processes, a cloud and its servers. */
const BYTES_PER_WORKER = 1.5 * 1024 ** 3;

/** Files at once: one more than processors, since heavy tests wait for a quarter of their time. */
const WORKERS = Math.max(
  1,
  Math.min(
    availableParallelism() + 1,
    Math.floor(Math.min(totalmem(), process.constrainedMemory() || totalmem()) / BYTES_PER_WORKER),
  ),
);

/** Folders of heavy tests that run Pulumi, which takes half a minute a file and more. */
const RUNS_PULUMI = /\/test\/(cli|components|drift|e2e|policy|providers)\//;

/**
 * All workers end together: the many short files come first, for their failures show in a minute, then
 * the longest, and last what fills the gaps between those.
 */
class LongestBeforeShort extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification) =>
      project.name === "unit" ? 0 : RUNS_PULUMI.test(moduleId) ? 1 : 2;
    // Within a rank, those that took longest the last time, else the largest.
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    watch: false,
    // Each file in a process of its own: several start servers and change the environment.
    pool: "forks",
    maxWorkers: WORKERS,
    sequence: { sequencer: LongestBeforeShort },
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: HEAVY,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "engine",
          include: HEAVY,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
