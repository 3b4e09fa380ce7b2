/** Runs Pulumi's program for the Automation API with exactly the environment that it is given. */
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { execa } from "execa";
import { SemVer } from "semver";

/** Where Pulumi runs, and as what. */
export interface PulumiProject {
  /** Absolute path of the CLI. */
  readonly pulumi: string;
  /** For example `3.220.0`. */
  readonly version: string;
  /** Complete: nothing is inherited. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's folder. */
  readonly root: string;
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The Automation API's own command adds this process' environment, so that a token of the user's shell
 * would reach another cloud, and ends Pulumi without what Pulumi has started. Source:
 * pulumi/pulumi sdk/nodejs/automation/cmd.ts (`PulumiCommand.run`).
 */
export function commandOf(project: PulumiProject, signal: AbortSignal): PulumiCommand {
  const command = {
    command: project.pulumi,
    version: new SemVer(project.version),
    run: (args: readonly string[], folder: string, variables: Record<string, string>) =>
      // Every command names its stack, and the user's selection of one is nobody else's business.
      args.includes("select")
        ? Promise.resolve<Ran>({ code: 0, stdout: "", stderr: "" })
        : run(project, [...args, "--non-interactive"], { folder, variables, signal }),
  };
  return command;
}

/**
 * Becomes Pulumi, with a helper beside it that waits until the standard input closes: by this process,
 * or since it has ended, killed or not. Then Pulumi ends with all that it has started, at once: of a
 * preview nothing is to be put in order. The language host has a process group of its own, and would
 * otherwise stay for minutes.
 */
const WITH_THIS_PROCESS = `
exec 3<&0 </dev/null
{
  read -r _ <&3
  for each in $(pgrep -P $$ || cat /proc/$$/task/$$/children); do kill -9 -$each; done
  kill -9 0
} >/dev/null 2>&1 &
exec 3<&-
exec "$0" "$@"`;

async function run(
  { pulumi, env }: PulumiProject,
  args: readonly string[],
  {
    folder,
    variables,
    signal,
  }: { folder: string; variables: Record<string, string>; signal: AbortSignal },
): Promise<Ran> {
  signal.throwIfAborted();
  const child = execa("/bin/sh", ["-c", WITH_THIS_PROCESS, pulumi, ...args], {
    cwd: folder,
    env: { ...env, ...variables, PULUMI_AUTOMATION_API: "true", PULUMI_SKIP_UPDATE_CHECK: "true" },
    extendEnv: false,
    reject: false,
    stdin: "pipe",
    // A process group of its own, which the helper ends.
    detached: true,
  });
  const end = () => child.stdin?.destroy();
  signal.addEventListener("abort", end, { once: true });
  const {
    exitCode,
    stdout,
    stderr,
    signal: killedBy,
  } = await child.finally(() => {
    signal.removeEventListener("abort", end);
  });
  signal.throwIfAborted();
  if (exitCode === 0) return { code: 0, stdout, stderr };
  throw new Error(
    firstError(stderr) ??
      (killedBy === undefined
        ? `Pulumi ended with exit code ${exitCode} and no message`
        : `Pulumi was ended by ${killedBy} before it was done`),
  );
}

/** Pulumi's own error, without its prefix and without its advice for other set-ups. */
function firstError(stderr: string): string | undefined {
  const line = stderr.split("\n").find((each) => each.trim().startsWith("error:"));
  return line?.trim().replace(/^error:\s*/, "");
}
