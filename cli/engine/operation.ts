import { rmSync } from "node:fs";
import { projectName } from "../project.ts";
import { UserError } from "../user-error.ts";
import { withConfigCopy } from "./config-file.ts";
import { type Changes, type EngineEvent, parseEvent, stackOutputsOf } from "./events.ts";
import { clearDeadLocks, lockFolder, readLocks, removeUnfinishedLocks } from "./lock.ts";
import { attachPulumi, capturePulumi, type Engine } from "./pulumi.ts";

/** Pulumi's commands that compare a stack with the program or with the cloud. */
export const OPERATIONS = ["up", "preview", "refresh", "destroy"] as const;
export type OperationName = (typeof OPERATIONS)[number];

export interface Operation {
  readonly name: OperationName;
  readonly stack: string;
  /** Further flags of Pulumi. */
  readonly flags: readonly string[];
}

/** What became of an operation; the JSON form of a verb holds it. */
export interface OperationResult {
  readonly succeeded: boolean;
  readonly changes: Changes;
  /** Seconds, as Pulumi counts them. */
  readonly durationSeconds: number;
  /** The stack's outputs afterwards, secrets hidden; of a preview, those that would be. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Messages of severity error and warning. */
  readonly diagnostics: readonly { readonly severity: string; readonly message: string }[];
}

/** Flags that write to the config file, of which Pulumi only gets a copy. */
const CONFIG_FLAGS = /^(-c|--config|--config=.*|--config-file(=.*)?)$/;

/** @throws UserError when a flag would have no lasting effect. */
export function requirePlainFlags(flags: readonly string[], stack: string): void {
  const flag = flags.find((candidate) => CONFIG_FLAGS.test(candidate));
  if (flag === undefined) return;
  throw new UserError(
    `The flag ${flag} would change a temporary copy of Pulumi.${stack}.yaml.`,
    `Edit that file, or use \`pulumi config set -s ${stack} KEY VALUE\` in a shell set up by \`npx bulkhead local env\`.`,
  );
}

/** Frees the stack of what a killed command left behind. */
export async function releaseStack(
  engine: Engine,
  stack: string,
  report: (line: string) => void,
): Promise<void> {
  const folder = lockFolder(engine.env.PULUMI_BACKEND_URL, projectName(engine.root), stack);
  if (folder === undefined) return;
  await removeUnfinishedLocks(folder, report);
  clearDeadLocks(stack, readLocks(folder), (reason) => {
    report(reason);
    // What `pulumi cancel` does, which however needs a stack, and the command may have died before making it.
    rmSync(folder, { recursive: true, force: true });
  });
}

/** Runs an operation in the user's terminal, with Pulumi's own display and question. */
export async function attachOperation(
  engine: Engine,
  operation: Operation,
  confirmed: boolean,
): Promise<number> {
  return withConfigCopy(engine.root, operation.stack, (file) =>
    attachPulumi(engine, [
      ...baseArgs(operation, file),
      ...confirmation(operation.name, confirmed),
    ]),
  );
}

/** Runs a confirmed operation without a terminal and reads the engine's events. */
export async function runOperation(
  engine: Engine,
  operation: Operation,
  onEvent: (event: EngineEvent) => void,
): Promise<OperationResult> {
  let changes: Changes = {};
  let durationSeconds = 0;
  let outputs: OperationResult["outputs"] = {};
  const diagnostics: { severity: string; message: string }[] = [];
  const { exitCode, stderr } = await withConfigCopy(engine.root, operation.stack, (file) =>
    capturePulumi(
      engine,
      [...baseArgs(operation, file), ...confirmation(operation.name, true), "--json"],
      {
        env: { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
        onLine(line) {
          const event = parseEvent(line);
          if (event === undefined) return;
          const note = event.diagnosticEvent;
          if (note !== undefined && (note.severity === "error" || note.severity === "warning")) {
            diagnostics.push({ severity: note.severity, message: note.message.trim() });
          }
          outputs = stackOutputsOf(event) ?? outputs;
          if (event.summaryEvent !== undefined) {
            changes = event.summaryEvent.resourceChanges ?? {};
            durationSeconds = event.summaryEvent.durationSeconds;
          }
          onEvent(event);
        },
      },
    ),
  );
  const succeeded = exitCode === 0;
  if (!succeeded && !diagnostics.some(({ severity }) => severity === "error")) {
    diagnostics.push({
      severity: "error",
      message: stderr.trim() || `Pulumi ended with exit code ${exitCode}.`,
    });
  }
  return { succeeded, changes, durationSeconds, outputs, diagnostics };
}

const baseArgs = ({ name, stack, flags }: Operation, configFile: string): string[] => [
  name,
  "--stack",
  stack,
  "--config-file",
  configFile,
  ...flags,
];

/**
 * A preview changes nothing and knows neither flag. A destroy keeps its preview: without it Pulumi
 * deletes what is not protected before it comes upon what is, and stops half-way.
 */
function confirmation(name: OperationName, confirmed: boolean): string[] {
  if (!confirmed || name === "preview") return [];
  return name === "destroy" ? ["--yes"] : ["--yes", "--skip-preview"];
}
