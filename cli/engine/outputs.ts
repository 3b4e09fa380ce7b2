import { z } from "zod";
import { UserError } from "../user-error.ts";
import { type Engine, queryPulumi } from "./pulumi.ts";
import { backendStacks } from "./stacks.ts";

/** What a stack exports; a secret is the text `[secret]`. */
export type StackOutputs = Readonly<Record<string, unknown>>;

export async function readOutputs(engine: Engine, stack: string): Promise<StackOutputs> {
  const text = await queryPulumi(engine, ["stack", "output", "--stack", stack, "--json"]);
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

/**
 * The connection URLs of a stack's systems, in the clear: for use in this process alone, never to be shown.
 */
export async function readVariables(engine: Engine, stack: string): Promise<Variables> {
  const text = await queryPulumi(engine, [
    ...["stack", "output", "--stack", stack],
    ...["--json", "--show-secrets"],
  ]);
  const parsed = variablesSchema.safeParse(JSON.parse(text));
  return parsed.data?.variables ?? {};
}

const variablesSchema = z.object({
  variables: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});

/** Values by system and by the variable that programs look for. */
export type Variables = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** @throws UserError when the stack has a config file only. */
export async function requireDeployed(engine: Engine, stack: string): Promise<void> {
  if ((await backendStacks(engine)).includes(stack)) return;
  throw new UserError(
    `The stack ${stack} has not been deployed to this cloud yet.`,
    `Deploy it with \`npx bulkhead up ${stack}\`.`,
  );
}
