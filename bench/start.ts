import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cloudStatus } from "../local/daemon.ts";
import { SYSTEM_NAMES } from "../systems/index.ts";
import { openTestEstate } from "../test/support/estate.ts";
import { compare, megabytes } from "./measure.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STACKS = ["dev", "staging", "production"];
const RUNS = 3;
/** Until connections that nobody uses are closed. */
const IDLE_MS = 60_000;

/**
 * `npm start` of every system: the first one, into an empty cloud; then ones that change nothing, beside
 * Pulumi alone on the three stacks one by one.
 */
export async function benchStart(): Promise<void> {
  const estate = openTestEstate(undefined, SYSTEM_NAMES);
  try {
    const before = performance.now();
    await expectSuccess(estate.bulkhead("start"));
    const seconds = (performance.now() - before) / 1000;
    console.log(`First start, ${SYSTEM_NAMES.length} systems: ${seconds.toFixed(1)} s.`);
    await showMemory(estate.stateDir, "right after it");
    await compare(
      "three environments, nothing to change",
      [
        {
          name: "pulumi up, one by one",
          run: async () => {
            for (const stack of STACKS) {
              // A copy, since Pulumi writes the stack's salt into it.
              const config = join(estate.stateDir, `Pulumi.${stack}.yaml`);
              copyFileSync(join(ROOT, `Pulumi.${stack}.yaml`), config);
              const flags = `--yes --skip-preview --non-interactive --config-file '${config}'`;
              await expectSuccess(estate.shell(`pulumi up ${flags} -s ${stack}`));
            }
          },
        },
        {
          name: "npm start (with its checks)",
          run: () => expectSuccess(estate.bulkhead("start")),
        },
      ],
      RUNS,
    );
    await sleep(IDLE_MS);
    await showMemory(estate.stateDir, "idle");
  } finally {
    await estate.close();
  }
}

async function showMemory(stateDir: string, when: string): Promise<void> {
  const { memoryBytes } = await cloudStatus(stateDir);
  console.log(
    `Memory of the local cloud with three environments, ${when}: ${megabytes(memoryBytes)}.`,
  );
}

async function expectSuccess(
  command: Promise<{ exitCode: number | undefined; output: string }>,
): Promise<void> {
  const { exitCode, output } = await command;
  if (exitCode !== 0) throw new Error(output);
}
