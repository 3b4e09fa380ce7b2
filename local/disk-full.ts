/** How systems, SQLite, PostgreSQL and Redis say that a disk is full. */
const DISK_FULL = /ENOSPC|EDQUOT|no space left on device|disk quota exceeded|disk is full/i;
const SQLITE_FULL = 13;

/** What a client is told, whatever it asked for. */
export const DISK_FULL_ADVICE =
  "The disk that holds the local cloud's data is full. Free some space and try again.";

/** Whether that is what has failed, by the error itself, by what it says or by its cause. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return DISK_FULL.test(String(error));
  const { code, errcode, cause } = error as Error & { code?: unknown; errcode?: unknown };
  return (
    errcode === SQLITE_FULL ||
    DISK_FULL.test(`${code} ${error.message}`) ||
    (cause !== undefined && isDiskFull(cause))
  );
}
