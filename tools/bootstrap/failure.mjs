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
