import { Command, CommanderError, Option } from "commander";
import { CLOUD_KINDS, type CloudKind } from "./cloud/kind.ts";
import { VERBS } from "./commands/index.ts";
import { type CliContext, createContext } from "./context.ts";
import { messageOf, UserError } from "./user-error.ts";

/** EX_USAGE of sysexits(3): the command was not understood, and nothing was done. `drift` answers with 2. */
const EXIT_USAGE = 64;

function createProgram(context: CliContext): Command {
  const program = new Command("bulkhead")
    .description(
      "Declares a product's environments as Pulumi stacks and runs them on a local cloud or the vendors'.",
    )
    .option("--debug", "show stack traces of errors")
    .addOption(
      new Option("--cloud <kind>", "default: local, unless vendor credentials are set").choices(
        CLOUD_KINDS,
      ),
    )
    .exitOverride()
    .showHelpAfterError("(`npx bulkhead --help` lists the verbs)")
    .hook("preAction", (_, action) => {
      const { cloud } = action.optsWithGlobals<{ cloud?: CloudKind }>();
      if (cloud !== undefined) context.cloudOption = cloud;
    });
  for (const verb of VERBS) verb(program, context);
  return program;
}

/** One line for a failure; a fault of this program, unlike the user's, says how to see more. */
function describeFailure(error: unknown): string {
  const expected = error instanceof UserError || (error instanceof Error && error.name === "Error");
  return expected
    ? messageOf(error)
    : `${messageOf(error)} This is a fault of the program: run the command again with --debug for its place.`;
}

const context = createContext();
const program = createProgram(context);
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else {
    process.stderr.write(`error: ${describeFailure(error)}\n`);
    if (program.opts<{ debug?: boolean }>().debug && error instanceof Error) {
      process.stderr.write(`${error.stack}\n`);
      if (error.cause !== undefined) process.stderr.write(`cause: ${String(error.cause)}\n`);
    }
    process.exitCode = 1;
  }
}
