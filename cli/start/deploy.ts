import { Listr, ListrLogger, ProcessOutput } from "listr2";
import type { Session } from "../cloud/session.ts";
import type { CliContext } from "../context.ts";
import { changeCount, describeChanges, progressLine } from "../engine/events.ts";
import { type OperationResult, releaseStack, runOperation } from "../engine/operation.ts";
import { ensureStack } from "../engine/stacks.ts";
import { UserError } from "../user-error.ts";

export interface Deployment {
  readonly stack: string;
  readonly result: OperationResult;
}

/**
 * Brings the stacks up. Creating them comes first and one by one: it is quick, and Pulumi
 * sets up a new backend without guarding against a second process that does so too.
 *
 * @throws UserError listing every stack that failed, with Pulumi's messages.
 */
export async function deployStacks(
  { engine }: Session,
  stacks: readonly string[],
  { out }: CliContext,
): Promise<Deployment[]> {
  for (const stack of stacks) {
    await releaseStack(engine, stack, out.progress);
    await ensureStack(engine, stack);
  }
  const deployments: Deployment[] = [];
  const logger = new ListrLogger({
    processOutput: new ProcessOutput(process.stderr, process.stderr),
  });
  const tasks = new Listr(
    stacks.map((stack) => ({
      title: `pulumi up ${stack}`,
      async task(_: unknown, task: { title: string; output: string }) {
        const result = await runOperation(engine, { name: "up", stack, flags: [] }, (event) => {
          const line = progressLine(event);
          if (line !== undefined) task.output = `${stack}: ${line}`;
        });
        deployments.push({ stack, result });
        if (!result.succeeded) throw new Error(`${stack} failed`);
        task.title = `pulumi up ${stack}: ${describeChanges(result.changes)}, ${result.durationSeconds} s`;
      },
    })),
    {
      // One after the other: each is compared with the one before it in promotion.
      concurrent: false,
      exitOnError: false,
      // On Ctrl-C it would end this process before Pulumi has ended in order.
      registerSignalListeners: false,
      rendererOptions: { logger },
      fallbackRendererOptions: { logger },
      renderer: out.interactive ? "default" : "simple",
      fallbackRenderer: "simple",
      collectErrors: false,
    },
  );
  await tasks.run();
  const failures = deployments.filter(({ result }) => !result.succeeded);
  if (failures.length > 0) throw deploymentError(failures);
  return stacks.flatMap((stack) => deployments.filter((deployment) => deployment.stack === stack));
}

/** How many resources all runs together changed. */
export const totalChanges = (deployments: readonly Deployment[]): number =>
  deployments.reduce((sum, { result }) => sum + changeCount(result.changes), 0);

function deploymentError(failures: readonly Deployment[]): UserError {
  const reasons = failures.map(({ stack, result }) => {
    const errors = result.diagnostics.filter(({ severity }) => severity === "error");
    return `\n${stack}: ${errors.map(({ message }) => message).join("\n  ")}`;
  });
  const [first] = failures;
  return new UserError(
    `\`pulumi up\` failed for ${failures.map(({ stack }) => stack).join(", ")}.${reasons.join("")}\n`,
    `Correct the cause and run the command again, or look closer with \`npx bulkhead up ${first?.stack}\`.`,
  );
}
