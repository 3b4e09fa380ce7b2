import { readdirSync } from "node:fs";
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
 * @property {readonly string[]} programFolders Where the system has servers' programs, on the PATH or not.
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
 * Where a system puts servers' programs: a user's PATH often has these folders not, and Debian has
 * PostgreSQL's in one for each version.
 * @param {string} platform As `process.platform`.
 * @param {string} [postgresFolder] Debian's, with a folder for each version.
 * @returns {string[]}
 */
export function programFolders(platform, postgresFolder = "/usr/lib/postgresql") {
  if (platform === "darwin") return ["/opt/homebrew/bin", "/usr/local/bin", "/usr/local/sbin"];
  const versions = namesIn(postgresFolder).filter((name) => /^\d+$/.test(name));
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  return [
    ...["/usr/local/sbin", "/usr/sbin", "/sbin"],
    ...newestFirst.map((version) => join(postgresFolder, version, "bin")),
  ];
}

/**
 * Nothing for a folder that is absent or not to be read.
 * @param {string} folder
 * @returns {string[]}
 */
function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
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
    programFolders: programFolders(process.platform),
    platform: process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
    log: (line) => void process.stderr.write(`bootstrap: ${line}\n`),
  };
}
