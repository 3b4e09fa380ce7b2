import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, renameSync, writeFileSync } from "node:fs";

/** A program with its arguments. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** `nobody` and `nogroup`, on every Linux. */
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

/**
 * Starts a command as the user that servers run as, in the process group of the cloud, and resolves once
 * it runs. @throws when it cannot be run at all.
 */
export async function spawnAsServerUser(
  command: Command,
  env: Record<string, string>,
): Promise<ChildProcessWithoutNullStreams> {
  const { program, args } = asServerUser(command);
  const child = spawn(program, args, { env, cwd: "/", stdio: "pipe" });
  try {
    await once(child, "spawn");
  } catch (cause) {
    throw new Error(
      `${program} cannot be run (${(cause as NodeJS.ErrnoException).code}). ` +
        "Run `node tools/bootstrap.mjs`; if it is setpriv, install util-linux or do not run as root.",
      { cause },
    );
  }
  return child;
}

/**
 * The command as the user that servers run as. PostgreSQL and PgBouncer refuse to run as root, so
 * root's servers are nobody's; they keep one right of root's, to reach their files in root's folders.
 */
function asServerUser({ program, args }: Command): Command {
  if (!isRoot) return { program, args };
  return {
    program: "setpriv",
    args: [
      `--reuid=${NOBODY}`,
      `--regid=${NOBODY}`,
      "--clear-groups",
      "--inh-caps=+dac_override",
      "--ambient-caps=+dac_override",
      "--bounding-set=-all,+dac_override",
      "--",
      program,
      ...args,
    ],
  };
}

/** Gives a file or folder to the user that servers run as. */
export function own(path: string): void {
  if (isRoot) chownSync(path, NOBODY, NOBODY);
}

/** Writes a file that only its server can read, complete or not at all. */
export function writeOwned(file: string, text: string): void {
  const temporary = `${file}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  own(temporary);
  renameSync(temporary, file);
}
