import type { StackOutputs } from "../../components/system-outputs.ts";
import { renderWranglerToml } from "../../components/wrangler-toml.ts";
import { openSession } from "../cloud/open-session.ts";
import { readOutputs } from "../engine/outputs.ts";
import { backendStacks } from "../engine/stacks.ts";
import { readStackOutputs } from "../estate.ts";
import { UserError } from "../user-error.ts";
import type { Verb } from "./verb.ts";

/** `wrangler SYSTEM`: a wrangler.toml with an `[env.…]` section for each deployed stack (Q4). */
export const wrangler: Verb = (program, context) => {
  program
    .command("wrangler")
    .description("print a system's wrangler.toml, made from the stacks' outputs")
    .argument("<system>", "for example qhub")
    .argument("[worker]", "one of the system's Workers, when it has several")
    .action(async (system: string, worker: string | undefined) => {
      const { engine } = await openSession(context, []);
      const exported = await Promise.all(
        (await backendStacks(engine)).map(
          async (stack) => [stack, await readOutputs(engine, stack)] as const,
        ),
      );
      const deployed = currentOutputs(exported, context.out.warning);
      context.out.result(renderWranglerToml(system, deployed, worker).trimEnd());
    });
};

/** The outputs of the stacks that were deployed by this program; an older one's are left out, with a warning. */
export function currentOutputs(
  exported: readonly (readonly [stack: string, outputs: Readonly<Record<string, unknown>>])[],
  warn: (line: string) => void,
): Record<string, StackOutputs> {
  const current: Record<string, StackOutputs> = {};
  for (const [stack, outputs] of exported) {
    if (Object.keys(outputs).length === 0) continue;
    try {
      current[stack] = readStackOutputs(stack, outputs);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      warn(`${stack} is left out. ${error.message}`);
    }
  }
  return current;
}
