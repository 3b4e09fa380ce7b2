import { isDiskFull } from "../disk-full.ts";

/** One clear error in the place of what a full disk made a server or a file operation say. */
export function diskFullError(folder: string, cause: unknown): Error | undefined {
  if (!isDiskFull(cause)) return undefined;
  return new Error(
    `The disk that holds ${folder} is full (no space left on device). Free some space there and try again.`,
    { cause },
  );
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** The last words of a process, to end a sentence about it with. */
export const says = (lines: readonly string[]): string =>
  lines.length === 0 ? "" : ` It said: ${lines.join(" | ")}`;

/** Why something failed, as a whole sentence, to be followed by the remedy. */
export const causeOf = (error: unknown): string => messageOf(error).replace(/[\s.]*$/, ".");
