import { renderWranglerToml } from "../../components/wrangler-toml.ts";
import { openSession } from "../cloud/session.ts";
import { readOutputs } from "../engine/outputs.ts";
import { backendStacks } from "../engine/stacks.ts";
import { readStackOutputs } from "../estate.ts";
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
      const deployed = exported
        .filter(([, outputs]) => Object.keys(outputs).length > 0)
        .map(([stack, outputs]) => [stack, readStackOutputs(stack, outputs)] as const);
      context.out.result(
        renderWranglerToml(system, Object.fromEntries(deployed), worker).trimEnd(),
      );
    });
};
