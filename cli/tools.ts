import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "./user-error.ts";

const toolsSchema = z.object({
  version: z.literal(1),
  pulumi: z.object({
    pulumi: z.string(),
    languageHost: z.string(),
    version: z.string(),
    path: z.array(z.string()),
    origin: z.string(),
  }),
});

/** Where the bootstrap found Pulumi. */
export type PulumiTools = z.infer<typeof toolsSchema>["pulumi"];

/** @throws UserError when the bootstrap has not run for this state folder. */
export function readTools(stateDir: string): PulumiTools {
  try {
    return toolsSchema.parse(JSON.parse(readFileSync(join(stateDir, "tools.json"), "utf8"))).pulumi;
  } catch (cause) {
    throw new UserError(
      `${join(stateDir, "tools.json")} does not say where Pulumi is.`,
      "Run `node tools/bootstrap.mjs`, which finds or installs it.",
      { cause },
    );
  }
}
