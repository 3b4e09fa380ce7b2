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
 * A server or client program of the local cloud.
 * @typedef {object} ProgramRecord
 * @property {string} path Absolute; it runs as it is, without a variable set for it.
 * @property {string} product "postgres", "redis", "valkey", …
 * @property {string} version "17.10".
 * @property {string} signature Size and time of change, to notice an upgrade or a removal.
 */

/**
 * Each step writes its own part.
 * @typedef {object} ToolsFile
 * @property {1} version Of the format.
 * @property {PulumiRecord} [pulumi]
 * @property {Record<string, string>} [files] Of Pulumi: path → size and time of change.
 * @property {Record<string, ProgramRecord>} [programs] By what they are for.
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
export function writePulumi(stateDir, record) {
  const { pulumi, languageHost, version, path, launchers, origin, source } = record;
  const files = [pulumi, languageHost, ...launchers];
  writePart(stateDir, {
    pulumi: { pulumi, languageHost, version, path, origin, source },
    files: Object.fromEntries(files.map((file) => [file, signature(file) ?? ""])),
  });
}

/**
 * Adds programs to those that are recorded.
 * @param {string} stateDir
 * @param {Record<string, Omit<ProgramRecord, "signature">>} programs
 */
export function writePrograms(stateDir, programs) {
  const signed = Object.entries(programs).map(([purpose, program]) => [
    purpose,
    { ...program, signature: signature(program.path) ?? "" },
  ]);
  writePart(stateDir, {
    programs: { ...readTools(stateDir)?.programs, ...Object.fromEntries(signed) },
  });
}

/**
 * Whether the programs of Pulumi are those that were recorded.
 * @param {ToolsFile} tools
 * @returns {boolean}
 */
export function stillAsRecorded(tools) {
  return Object.entries(tools.files ?? {}).every(
    ([file, recorded]) => signature(file) === recorded,
  );
}

/**
 * The program that is recorded for a purpose, if it is still the same file.
 * @param {string} stateDir
 * @param {string} purpose
 * @returns {ProgramRecord | undefined}
 */
export function readProgram(stateDir, purpose) {
  const program = readTools(stateDir)?.programs?.[purpose];
  return program !== undefined && signature(program.path) === program.signature
    ? program
    : undefined;
}

/**
 * @param {string} stateDir
 * @param {Partial<ToolsFile>} part
 */
function writePart(stateDir, part) {
  /** @type {ToolsFile} */
  const tools = { ...readTools(stateDir), ...part, version: 1 };
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const temporary = join(stateDir, `tools.json.${process.pid}`);
  writeFileSync(temporary, `${JSON.stringify(tools, null, 2)}\n`);
  renameSync(temporary, join(stateDir, "tools.json"));
}

/**
 * @param {string} file
 * @returns {string | undefined}
 */
function signature(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && `${stats.size} bytes, ${Math.round(stats.mtimeMs)}`;
}
