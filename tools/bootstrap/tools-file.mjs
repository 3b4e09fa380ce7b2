import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Where Pulumi is; the CLI reads it from `tools.json` in the state folder.
 * @typedef {object} PulumiRecord
 * @property {string} pulumi Absolute path.
 * @property {string} languageHost Absolute path.
 * @property {string} version "3.220.0".
 * @property {string[]} path Folders to put on the PATH, in order.
 * @property {string} origin "the PATH" or "the cache".
 * @property {string} source
 */

/**
 * @typedef {PulumiRecord & { launchers: string[] }} FoundPulumi With the launch scripts that were written for it.
 */

/**
 * @typedef {object} ToolsFile
 * @property {1} version Of the format.
 * @property {PulumiRecord} pulumi
 * @property {Record<string, string>} files Path → size and time of change, to notice an upgrade or a removal.
 */

/**
 * @param {string} stateDir
 * @returns {ToolsFile | undefined} undefined when it is absent or of another format.
 */
export function readTools(stateDir) {
  try {
    const tools = JSON.parse(readFileSync(join(stateDir, "tools.json"), "utf8"));
    return tools.version === 1 ? tools : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} stateDir
 * @param {FoundPulumi} record
 */
export function writeTools(stateDir, record) {
  const { pulumi, languageHost, version, path, launchers, origin, source } = record;
  const files = [pulumi, languageHost, ...launchers];
  /** @type {ToolsFile} */
  const tools = {
    version: 1,
    pulumi: { pulumi, languageHost, version, path, origin, source },
    files: Object.fromEntries(files.map((file) => [file, signature(file) ?? ""])),
  };
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const temporary = join(stateDir, `tools.json.${process.pid}`);
  writeFileSync(temporary, `${JSON.stringify(tools, null, 2)}\n`);
  renameSync(temporary, join(stateDir, "tools.json"));
}

/**
 * @param {ToolsFile} tools
 * @returns {boolean}
 */
export function stillAsRecorded(tools) {
  return Object.entries(tools.files).every(([file, recorded]) => signature(file) === recorded);
}

/**
 * @param {string} file
 * @returns {string | undefined}
 */
function signature(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && `${stats.size} bytes, ${Math.round(stats.mtimeMs)}`;
}
