/** Runs Pulumi for what it knows of the backend; nothing is changed by it. */
import { homedir } from "node:os";
import { parse } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { type BackendError, describeFailure } from "./failure.ts";

/** A Pulumi program with the environment that it runs in. */
export interface PulumiProgram {
  /** Absolute path, or a name to be found on the PATH. */
  readonly pulumi: string;
  /** Complete: nothing is inherited. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Where it runs: a project's folder counts as well, since its Pulumi.yaml may name a backend, and a
   * relative backend URL starts there. Default: none.
   */
  readonly folder?: string | undefined;
  /** Ends Pulumi at once; what was asked then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** In no project's folder. */
const NEUTRAL_FOLDER = parse(homedir()).root;

/** Pause before the second attempt, in milliseconds. */
const RETRY_MS = 300;

/** Bytes; a state with many large assets is still far below. */
const MAX_OUTPUT = 400 * 1024 * 1024;

const FLAGS = ["--non-interactive", "--color=never", "--fully-qualify-stack-names"];

/**
 * What a command prints. A failure that may pass is tried once more.
 *
 * @param timeoutMs milliseconds after which Pulumi is ended.
 * @throws BackendError saying what failed and what to do.
 */
export async function askPulumi(
  program: PulumiProgram,
  args: readonly string[],
  timeoutMs: number,
): Promise<string> {
  const first = await attempt(program, args, timeoutMs);
  if (typeof first === "string") return first;
  if (!first.passing) throw first;
  await sleep(RETRY_MS);
  const second = await attempt(program, args, timeoutMs);
  if (typeof second === "string") return second;
  throw second;
}

async function attempt(
  { pulumi, env, folder = NEUTRAL_FOLDER, signal }: PulumiProgram,
  args: readonly string[],
  timeoutMs: number,
): Promise<string | BackendError> {
  signal?.throwIfAborted();
  const child = execa(pulumi, [...args, ...FLAGS], {
    cwd: folder,
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    maxBuffer: MAX_OUTPUT,
    // A process group of its own, so that what it has started ends with it.
    detached: true,
  });
  const end = () => endGroup(child.pid);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, timeoutMs);
  process.once("exit", end);
  signal?.addEventListener("abort", end, { once: true });
  const { failed, exitCode, code, stdout, stderr } = await child.finally(() => {
    clearTimeout(timer);
    process.off("exit", end);
    signal?.removeEventListener("abort", end);
  });
  signal?.throwIfAborted();
  if (!failed) return stdout;
  const command = `pulumi ${args.join(" ")}`;
  return describeFailure(command, { pulumi, timeoutMs, timedOut, code, exitCode, stderr });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
