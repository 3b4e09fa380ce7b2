import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * What a step may know about the machine; tests pass their own.
 * @typedef {object} Context
 * @property {string} root The project's folder.
 * @property {string} stateDir State of this clone (`.bulkhead/`, or BULKHEAD_STATE).
 * @property {string} cacheDir Tools shared by every clone of this user.
 * @property {Record<string, string | undefined>} env
 * @property {string} platform As `process.platform`.
 * @property {string} arch As `process.arch`.
 * @property {string} nodeVersion As `process.versions.node`.
 * @property {(line: string) => void} log Writes one line of progress.
 */

/**
 * The cache folder: BULKHEAD_CACHE, else the user's cache folder.
 * @param {Record<string, string | undefined>} env
 * @returns {string}
 */
export function cacheDirectory(env) {
  if (env.BULKHEAD_CACHE) return resolve(env.BULKHEAD_CACHE);
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "bulkhead");
}

/**
 * The context of this process.
 * @returns {Context}
 */
export function createContext() {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  return {
    root,
    stateDir: process.env.BULKHEAD_STATE
      ? resolve(process.env.BULKHEAD_STATE)
      : join(root, ".bulkhead"),
    cacheDir: cacheDirectory(process.env),
    env: process.env,
    platform: process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
    log: (line) => void process.stderr.write(`bootstrap: ${line}\n`),
  };
}
