/** Command lines as they are shown, to be pasted into a shell. */
import type { Action } from "../finding.ts";

/** Characters that no shell takes for anything else. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** A text as one word of a POSIX shell; fish reads it alike. */
const word = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** `npx bulkhead …`. */
export const commandLine = (...args: readonly string[]): string =>
  ["npx", "bulkhead", ...args].map(word).join(" ");

/** The command that has this finding fixed by Bulkhead itself, where no other tool does it. */
export const fixCommand = (
  stack: string,
  id: string,
  action: Action,
  ...flags: readonly string[]
): string => commandLine("drift", "fix", stack, id, "--action", action, ...flags);
