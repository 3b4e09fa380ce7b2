export { messageOf } from "../policy/wording.ts";

/** A failure that the user can act on: shown as one line, without a stack trace. */
export class UserError extends Error {
  readonly what: string;
  readonly remedy: string;

  /**
   * @param what The thing, the place and the reason, as one sentence.
   * @param remedy The next step, as one sentence.
   */
  constructor(what: string, remedy: string, options: { cause?: unknown } = {}) {
    super(`${what} ${remedy}`, options);
    this.name = "UserError";
    this.what = what;
    this.remedy = remedy;
  }
}
