/** A failure that the user can fix: one sentence of what is wrong, one of what to do about it. */
export class SetupError extends Error {
  /**
   * @param {string} what The thing, the place and the reason, as one sentence.
   * @param {string} remedy The next step, as one sentence that names the command.
   */
  constructor(what, remedy) {
    super(`${what} ${remedy}`);
    this.name = "SetupError";
    this.what = what;
    this.remedy = remedy;
  }
}

/**
 * The message of anything that was thrown.
 * @param {unknown} error
 * @returns {string}
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The system's code of a failed call ("ENOENT", "ENOSPC"), or undefined.
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function codeOf(error) {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** What a file system answers when a folder cannot be used; anything else is a fault of this program. */
const FOLDER_FAULTS = ["EACCES", "EPERM", "EROFS", "EEXIST", "ENOTDIR", "ENOSPC", "EDQUOT"];

/**
 * A fault of the machine's folders as the failure that it is for the user; undefined for other errors.
 * @param {unknown} error
 * @returns {SetupError | undefined}
 */
export function asSetupError(error) {
  if (error instanceof SetupError) return error;
  const code = codeOf(error);
  if (code === undefined || !FOLDER_FAULTS.includes(code)) return undefined;
  if (!(error instanceof Error && "path" in error && "syscall" in error)) return undefined;
  // The path of a program that cannot be started is no folder's.
  if (String(error.syscall).startsWith("spawn")) return undefined;
  return new SetupError(
    `${error.path} cannot be used (${code}).`,
    "Make it a folder that you may write to, with free space; or set BULKHEAD_CACHE (tools) or BULKHEAD_STATE (this project's state) to another one.",
  );
}
