import { defineConfig } from "vitest/config";

/** Tests that start the local cloud or Pulumi: minutes, not milliseconds, and about 400 MB each. */
const HEAVY = ["test/**/*.e2e.test.ts", "test/**/*.engine.test.ts"];

/** Heavy tests that run at once: as many as a machine with two processors and 4 GB can hold. */
const HEAVY_WORKERS = 2;

export default defineConfig({
  test: {
    watch: false,
    // Each file in a process of its own: several start servers and change the environment.
    pool: "forks",
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: HEAVY,
          testTimeout: 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "engine",
          include: HEAVY,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          maxWorkers: HEAVY_WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
