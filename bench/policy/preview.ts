import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openTestEstate } from "../../test/support/estate.ts";
import { compare } from "../measure.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RUNS = 7;

/** A preview that finds nothing to change, with the pack and two stacks to compare with, and without it. */
export async function benchPreview(): Promise<void> {
  const estate = openTestEstate();
  try {
    const started = await estate.bulkhead("start");
    if (started.exitCode !== 0) throw new Error(started.output);
    // A copy, since Pulumi writes the stack's salt into it.
    const config = join(estate.stateDir, "Pulumi.staging.yaml");
    copyFileSync(join(ROOT, "Pulumi.staging.yaml"), config);
    const preview = async (variables: string) => {
      const line = `${variables} pulumi preview --non-interactive -s staging --config-file '${config}'`;
      const { exitCode, output } = await estate.shell(line);
      if (exitCode !== 0) throw new Error(output);
    };
    await compare(
      "preview of staging",
      [
        { name: "without the pack", run: () => preview("PULUMI_OPTION_POLICY_PACK=") },
        { name: "with the pack", run: () => preview("") },
      ],
      RUNS,
    );
  } finally {
    await estate.close();
  }
}
