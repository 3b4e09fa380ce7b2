import { lockFolder, readLocks } from "../../policy/siblings/locks.ts";
import { projectName } from "../project.ts";
import type { UserError } from "../user-error.ts";
import { withConfig } from "./config-file.ts";
import {
  type Changes,
  type Diagnostic,
  diagnosticOf,
  type EngineEvent,
  parseEvent,
  stackOutputsOf,
} from "./events.ts";
import { beingChanged, clearDeadLocks, removeUnfinishedLocks } from "./lock.ts";
import { attachPulumi, capturePulumi, type Engine } from "./pulumi.ts";

/** Pulumi's commands that compare a stack with the program or with the cloud. */
export const OPERATIONS = ["up", "preview", "refresh", "destroy", "import"] as const;
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
  /** Errors and warnings, broken policies among them. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Pulumi's own words for a lock that it ran into. Source: pulumi/pulumi pkg/backend/diy/lock.go. */
const LOCKED = /the stack is currently locked by/;

/** Frees the stack of what a killed command left behind. */
export async function releaseStack(
  engine: Engine,
  stack: string,
  report: (line: string) => void,
): Promise<void> {
  const folder = lockFolderOf(engine, stack);
  if (folder === undefined) return;
  await removeUnfinishedLocks(folder, report);
  clearDeadLocks(stack, readLocks(folder), report);
}

/**
 * Runs an operation in the user's terminal, with Pulumi's own display and question.
 * @returns Pulumi's exit code.
 * @throws UserError when another command took the stack after {@link releaseStack} had looked.
 */
export async function attachOperation(
  engine: Engine,
  operation: Operation,
  confirmed: boolean,
): Promise<number> {
  let locked = false;
  const exitCode = await withConfig(engine, operation.stack, (config) =>
    attachPulumi(
      engine,
      [
        ...baseArgs(operation, config),
        ...confirmation(operation.name, confirmed),
        // Hundreds of lines with the manifest; `bulkhead outputs` shows what people look for.
        "--suppress-outputs",
      ],
      (line) => {
        locked ||= LOCKED.test(line);
        // What follows lists lock files and advises to delete them.
        return !locked;
      },
    ),
  );
  if (locked) throw collision(engine, operation.stack);
  return exitCode;
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
  const diagnostics: Diagnostic[] = [];
  const { exitCode, stderr } = await withConfig(engine, operation.stack, (config) =>
    capturePulumi(
      engine,
      [...baseArgs(operation, config), ...confirmation(operation.name, true), "--json"],
      {
        env: { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
        onLine(line) {
          const event = parseEvent(line);
          if (event === undefined) return;
          const diagnostic = diagnosticOf(event);
          if (diagnostic !== undefined) diagnostics.push(diagnostic);
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
      message: LOCKED.test(stderr)
        ? collision(engine, operation.stack).message
        : stderr.trim() || `Pulumi ended with exit code ${exitCode}.`,
    });
  }
  return { succeeded, changes, durationSeconds, outputs, diagnostics };
}

const lockFolderOf = ({ env, root }: Engine, stack: string): string | undefined =>
  lockFolder(env.PULUMI_BACKEND_URL, projectName(root), stack);

function collision(engine: Engine, stack: string): UserError {
  const folder = lockFolderOf(engine, stack);
  return beingChanged(stack, folder === undefined ? undefined : readLocks(folder)[0]);
}

const baseArgs = ({ name, stack, flags }: Operation, config: readonly string[]): string[] => [
  name,
  "--stack",
  stack,
  ...config,
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
