/** How systems, PostgreSQL and Redis say that a disk is full. */
const DISK_FULL = /ENOSPC|EDQUOT|no space left on device|disk quota exceeded/i;

/** One clear error in the place of what a full disk made a server or a file operation say. */
export function diskFullError(folder: string, cause: unknown): Error | undefined {
  if (!DISK_FULL.test(messageOf(cause))) return undefined;
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
