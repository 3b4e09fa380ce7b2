import { execa } from "execa";
import { UserError } from "../user-error.ts";
import { outlasting, wasInterrupted } from "./interruption.ts";

/** A Pulumi program with the environment that it runs in. */
export interface Engine {
  /** Absolute path of the CLI. */
  readonly pulumi: string;
  /** Complete: nothing is inherited. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's folder. */
  readonly root: string;
  /**
   * Which Pulumi.STACK.yaml Pulumi reads and writes. `committed`: the project's own, which keeps the
   * salt by which Pulumi knows a wrong passphrase. `copied`: a passing copy, since the local cloud's
   * passphrase is each clone's own and its salt belongs in no commit.
   */
  readonly config: "committed" | "copied";
}

export interface PulumiResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface CaptureOptions {
  /** Default: the project's folder. */
  readonly cwd?: string;
  /** Each line of standard output as it comes; the result's stdout is then empty. */
  readonly onLine?: (line: string) => void;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs Pulumi to its end and collects what it prints. */
export async function capturePulumi(
  engine: Engine,
  args: readonly string[],
  options: CaptureOptions = {},
): Promise<PulumiResult> {
  requireUninterrupted();
  const child = execa(engine.pulumi, [...args, "--non-interactive", "--color=never"], {
    cwd: options.cwd ?? engine.root,
    env: { ...engine.env, ...options.env },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    buffer: { stdout: options.onLine === undefined, stderr: true },
  });
  const { exitCode, stdout, stderr, failed, shortMessage } = await outlasting(child, async () => {
    if (options.onLine !== undefined) {
      for await (const line of child.iterable()) options.onLine(line);
    }
    return child;
  });
  if (failed && exitCode === undefined) {
    throw new UserError(
      `Pulumi ended without an exit code: ${shortMessage}.`,
      "Run the command again; what it had not finished is completed.",
    );
  }
  return { exitCode: exitCode ?? 0, stdout: stdout ?? "", stderr };
}

/**
 * Runs Pulumi with the user's terminal. Output that is no terminal passes through this process: a
 * reader that leaves early (`| head`) would otherwise end Pulumi in the middle, and orphan what it
 * has started.
 *
 * @param showsError Whether a line of standard error is for the user.
 * @returns Pulumi's exit code.
 */
export async function attachPulumi(
  engine: Engine,
  args: readonly string[],
  showsError: (line: string) => boolean,
): Promise<number> {
  requireUninterrupted();
  const child = execa(engine.pulumi, args, {
    cwd: engine.root,
    env: engine.env,
    extendEnv: false,
    reject: false,
    buffer: false,
    stdin: "inherit",
    stdout: process.stdout.isTTY ? "inherit" : "pipe",
    stderr: "pipe",
  });
  child.stdout?.on("data", (chunk: Buffer) => process.stdout.write(chunk));
  const { exitCode } = await outlasting(child, async () => {
    for await (const line of child.iterable({ from: "stderr" })) {
      if (showsError(line)) process.stderr.write(`${line}\n`);
    }
    return child;
  });
  return exitCode ?? 1;
}

function requireUninterrupted(): void {
  if (!wasInterrupted()) return;
  throw new UserError(
    "The command was interrupted.",
    "Run it again; what it had not finished is completed.",
  );
}

/** Runs Pulumi for its output. @throws UserError with Pulumi's own message when it fails. */
export async function queryPulumi(
  engine: Engine,
  args: readonly string[],
  options: CaptureOptions = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await capturePulumi(engine, args, options);
  if (exitCode === 0) return stdout;
  throw new UserError(
    `\`pulumi ${args.slice(0, 2).join(" ")}\` failed: ${firstErrorOf(stderr)}`,
    "Run the same command with `--debug` for details, or `npx bulkhead doctor` to check the set-up.",
  );
}

/** Pulumi's own error, without its prefix and without the advice for its other set-ups. */
function firstErrorOf(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const error = lines.find((line) => line.startsWith("error:")) ?? lines.find(Boolean);
  const sentence = error?.replace(/^error:\s*/, "") ?? "it printed no message";
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
