import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cloudStatus } from "../local/daemon.ts";
import { openTestEstate } from "../test/support/estate.ts";
import { compare, megabytes } from "./measure.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STACKS = ["dev", "staging", "production"];
const RUNS = 3;

/** A warm `npm start` that changes nothing, beside Pulumi alone on the three stacks one by one. */
export async function benchStart(): Promise<void> {
  const estate = openTestEstate();
  try {
    await expectSuccess(estate.bulkhead("start"));
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
          name: "npm start (with 16 checks over HTTP)",
          run: () => expectSuccess(estate.bulkhead("start")),
        },
      ],
      RUNS,
    );
    const { memoryBytes } = await cloudStatus(estate.stateDir);
    console.log(`Local cloud with three environments: ${megabytes(memoryBytes)} resident.`);
  } finally {
    await estate.close();
  }
}

async function expectSuccess(
  command: Promise<{ exitCode: number | undefined; output: string }>,
): Promise<void> {
  const { exitCode, output } = await command;
  if (exitCode !== 0) throw new Error(output);
}
