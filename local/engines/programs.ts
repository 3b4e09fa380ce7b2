import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const program = z.object({ path: z.string(), product: z.string(), version: z.string() });

const toolsSchema = z.object({
  programs: z.object({
    postgres: program,
    pgbouncer: program,
    valkey: program.extend({ product: z.enum(["valkey", "redis"]) }),
  }),
});

/** The servers' programs, as the bootstrap found or installed them. */
export type Programs = z.infer<typeof toolsSchema>["programs"];

/**
 * The program for a purpose, from the tools file of the project's state folder.
 * @throws when the bootstrap has not set it up.
 */
export function readProgram<const Purpose extends keyof Programs>(
  purpose: Purpose,
  env: NodeJS.ProcessEnv,
): Programs[Purpose] {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const stateDir = env.BULKHEAD_STATE ? resolve(env.BULKHEAD_STATE) : join(root, ".bulkhead");
  const file = join(stateDir, "tools.json");
  try {
    const tools = JSON.parse(readFileSync(file, "utf8"));
    return toolsSchema.shape.programs.shape[purpose].parse(
      tools.programs?.[purpose],
    ) as Programs[Purpose];
  } catch (cause) {
    throw new Error(
      `${file} does not say where ${purpose} is. Run \`node tools/bootstrap.mjs\`, which sets it up.`,
      { cause },
    );
  }
}
