/** Takes properties out of a stack's record, so that the next `up` sends them again. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type Engine, queryPulumi } from "../engine/pulumi.ts";

/** A property of one resource. */
export interface Forgotten {
  readonly urn: string;
  readonly property: string;
}

const properties = z.record(z.string(), z.unknown()).optional();

const exported = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(
      z.looseObject({ urn: z.string(), type: z.string(), inputs: properties, outputs: properties }),
    ),
  }),
});

/**
 * Pulumi compares the program with its record, and a value that was changed where nobody can read it
 * still is as recorded. Without the record of it, `up` updates the resource in place; replacing a
 * Worker would delete the new one, which has the old one's name. Secrets stay encrypted all the way.
 *
 * What is interrupted between the two leaves a record that says less than is there, which every further
 * `up` completes.
 *
 * @throws UserError with Pulumi's own message.
 */
export async function forget(
  engine: Engine,
  stack: string,
  forgotten: readonly Forgotten[],
): Promise<void> {
  const text = await queryPulumi(engine, ["stack", "export", "--stack", stack]);
  const state = exported.parse(JSON.parse(text));
  for (const resource of state.deployment.resources) {
    for (const { property } of forgotten.filter(({ urn }) => urn === resource.urn)) {
      delete resource.inputs?.[property];
      // Vendors' plugins compare with their last answer; the others may need it to find the resource.
      if (!resource.type.startsWith("bulkhead:")) delete resource.outputs?.[property];
    }
  }
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-state-"));
  try {
    const file = join(folder, "state.json");
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
    // Beside a copy, so that Pulumi writes nothing into the project's own config.
    copyFileSync(join(engine.root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    await queryPulumi(engine, ["stack", "import", "--stack", stack, "--file", file], {
      cwd: folder,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
