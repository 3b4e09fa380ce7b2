import type { Fingerprinter } from "../../isolation/secrets/index.ts";
import type { PolicySettings } from "../../policy/settings.ts";
import { BackendReader, type StackReading } from "../../policy/siblings/index.ts";
import { projectName } from "../project.ts";
import { UserError } from "../user-error.ts";
import type { Engine } from "./pulumi.ts";

/** The stacks of a backend, each as far as it could be read. */
export interface BackendStacks {
  /** Of this project, and of those that its policy settings name; or of the whole backend. */
  readonly all: readonly StackReading[];
  /** Those of this project. */
  readonly own: readonly StackReading[];
}

/**
 * Reads the states of a backend.
 *
 * @param everything whatever its project. Default: this project's, and those of the policy settings.
 * @param signal ends the reading.
 * @throws BackendError when the backend does not tell its stacks.
 */
export async function readBackend(
  { pulumi, env, root: folder }: Engine,
  settings: PolicySettings,
  fingerprinter: Fingerprinter,
  { everything = false, signal }: { everything?: boolean; signal?: AbortSignal } = {},
): Promise<BackendStacks> {
  const project = projectName(folder);
  const { salt } = settings;
  const reader = new BackendReader({ pulumi, env, folder, salt, fingerprinter, signal });
  const projects = [project, ...settings.projects];
  const all = await (everything
    ? reader.readAll()
    : reader.readProjects({ organization: undefined, projects }));
  return { all, own: all.filter(({ name }) => name.project === project) };
}

/** @throws UserError for a stack that the backend does not have. */
export function requireInBackend(stack: string, { own }: BackendStacks): void {
  if (own.some(({ name }) => name.stack === stack)) return;
  throw new UserError(
    `The stack ${stack} has not been deployed to this cloud yet.`,
    `Deploy it with \`npx bulkhead up ${stack}\`.`,
  );
}
