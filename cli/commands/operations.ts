import { openSession } from "../cloud/open-session.ts";
import type { Session } from "../cloud/session.ts";
import type { CliContext } from "../context.ts";
import { describeChanges, progressLine } from "../engine/events.ts";
import { requirePlainFlags } from "../engine/flags.ts";
import {
  attachOperation,
  type Operation,
  type OperationName,
  releaseStack,
  runOperation,
} from "../engine/operation.ts";
import { readOutputs, requireDeployed } from "../engine/outputs.ts";
import { ensureStack } from "../engine/stacks.ts";
import { UserError } from "../user-error.ts";
import { showUrls } from "./outputs.ts";
import type { Verb } from "./verb.ts";

interface OperationOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Of the document that `--json` prints. */
const JSON_VERSION = 1;

const operationVerb =
  (name: OperationName, description: string): Verb =>
  (program, context) => {
    const command = program
      .command(name)
      .description(description)
      .argument("<stack>", "for example dev, staging, production, pr-123")
      .argument("[flags...]", "further flags of Pulumi, such as --diff")
      .allowUnknownOption()
      .option("--json", "print one JSON document with the result");
    if (name !== "preview") command.option("-y, --yes", "do not ask");
    command.action((stack: string, flags: string[], options: OperationOptions) =>
      operate(context, name, stack, flags, options),
    );
  };

export const up = operationVerb("up", "create or change what the program declares");
export const preview = operationVerb("preview", "show what `up` would change");
export const refresh = operationVerb("refresh", "compare the recorded state with the cloud");
export const importing = operationVerb(
  "import",
  "take what exists into a stack's state, by Pulumi's TYPE NAME ID",
);
export const destroy = operationVerb("destroy", "delete everything that is not retained");

async function operate(
  context: CliContext,
  name: OperationName,
  stack: string,
  flags: readonly string[],
  options: OperationOptions,
): Promise<void> {
  requirePlainFlags(flags, stack);
  const confirmed = options.yes === true || name === "preview";
  if (!confirmed && (options.json || !context.out.interactive)) {
    throw new UserError(
      `\`${name} ${stack}\` changes things and there is ${options.json ? "no question with --json" : "no terminal to ask at"}.`,
      `Look with \`npx bulkhead preview ${stack}\`, then add --yes.`,
    );
  }
  const session = await openSession(context, [stack]);
  context.out.progress(session.describe(stack));
  if (name !== "preview") await releaseStack(session.engine, stack, context.out.progress);
  if (name === "up" || name === "preview") await ensureStack(session.engine, stack);
  else await requireDeployed(session.engine, stack);

  const operation = { name, stack, flags };
  if (options.json) await report(context, session, operation);
  else await attach(context, session, operation, confirmed);
}

/** In the user's terminal; after an `up` with the addresses to try. */
async function attach(
  { out }: CliContext,
  { engine, local }: Session,
  operation: Operation,
  confirmed: boolean,
): Promise<void> {
  const exitCode = await attachOperation(engine, operation, confirmed);
  process.exitCode = exitCode;
  if (exitCode !== 0 || operation.name !== "up") return;
  showUrls(out, await readOutputs(engine, operation.stack), local?.info.apiUrl);
}

async function report(
  { out }: CliContext,
  { engine, choice }: Session,
  operation: Operation,
): Promise<void> {
  const result = await runOperation(engine, operation, (event) => {
    const line = progressLine(event);
    if (line !== undefined) out.progress(`${operation.stack}: ${line}`);
  });
  out.progress(`${operation.stack}: ${describeChanges(result.changes)}`);
  out.json({
    version: JSON_VERSION,
    operation: operation.name,
    stack: operation.stack,
    cloud: choice.kind,
    ...result,
  });
  if (!result.succeeded) process.exitCode = 1;
}
