import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { duration } from "./run.mjs";

/** Without a terminal a long step says that it is alive this often. */
const HEARTBEAT_MILLISECONDS = 15_000;

/**
 * @typedef {object} Outcome
 * @property {number | null} code Exit code; null when a signal or the time limit ended it.
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * Runs a command to its end and collects what it prints.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, timeout?: number, onStderrLine?: (line: string) => void }} [options] timeout in milliseconds.
 * @returns {Promise<Outcome>}
 * @throws when the command cannot be started.
 */
export function capture(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.timeout === undefined ? {} : { timeout: options.timeout, killSignal: "SIGKILL" }),
    });
    let stdout = "";
    let stderr = "";
    let partial = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk) => {
      stderr += chunk;
      const lines = (partial + chunk).split("\n");
      partial = lines.pop() ?? "";
      if (options.onStderrLine) lines.forEach(options.onStderrLine);
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * The first program of that name on the PATH.
 * @param {string} name
 * @param {string | undefined} path
 * @returns {string | undefined}
 */
export function findOnPath(name, path) {
  return allOnPath(name, path)[0];
}

/**
 * Every program of that name on the PATH, in its order.
 * @param {string} name
 * @param {string | undefined} path
 * @returns {string[]}
 */
export function allOnPath(name, path) {
  const candidates = (path ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name));
  return [...new Set(candidates)].filter(isExecutable);
}

/**
 * @param {string} file
 * @returns {boolean}
 */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Shows that a long step is alive: a line that is rewritten on a terminal, one every 15 s elsewhere.
 * @template T
 * @param {import("./context.mjs").Context} context
 * @param {() => string} describe What is being done now.
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProgress(context, describe, work) {
  const started = performance.now();
  const terminal = process.stderr.isTTY === true && !context.env.CI;
  const timer = setInterval(
    () => {
      const line = `${describe()}, ${duration(performance.now() - started)}`;
      if (terminal) process.stderr.write(`\r\u001b[Kbootstrap: ${line}`);
      else context.log(line);
    },
    terminal ? 1000 : HEARTBEAT_MILLISECONDS,
  );
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (terminal) process.stderr.write("\r\u001b[K");
  }
}
