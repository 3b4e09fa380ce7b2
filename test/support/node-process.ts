import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** Runs a module's text in a process of its own, which is killed at the end of the test. Stdout is read. */
export function startModule(source: string): ChildProcess {
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** What the process prints until it ends. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  if (child.exitCode === null) await once(child, "close");
  return output;
}

/** An import specifier, quoted, of a file of this project. */
export const specifier = (path: string): string =>
  JSON.stringify(new URL(`../../${path}`, import.meta.url).href);

/** The absolute path of a file of this project. */
export const absolute = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));
