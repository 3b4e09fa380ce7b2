import { hostname } from "node:os";
import type { ListedStack } from "./listing.ts";
import { isLeftBehind, lockFolder, processRuns, readLocks } from "./locks.ts";

/** Milliseconds: a state in a bucket that was written since is taken for one of an update that runs. */
const RECENT_MS = 120_000;

/** Milliseconds: a lock of another host that is older was left behind there. */
const LONGEST_UPDATE_MS = 2 * 60 * 60 * 1000;

/**
 * Whether a command changes the stack now. Pulumi Cloud says so, a folder has its lock; of a bucket
 * only the time of the last write tells.
 *
 * @param now milliseconds since 1970.
 */
export function isBeingUpdated(
  { name, lastUpdate, updating }: ListedStack,
  backendUrl: string | undefined,
  now: number,
): boolean {
  if (updating) return true;
  const locks = lockFolder(backendUrl, name.project, name.stack);
  if (locks !== undefined)
    return readLocks(locks).some(
      (lock) =>
        !isLeftBehind(lock, hostname(), processRuns) &&
        (lock.hostname === hostname() || now - Date.parse(lock.timestamp) < LONGEST_UPDATE_MS),
    );
  const isService = /^https?:\/\//.test(backendUrl ?? "");
  return !isService && lastUpdate !== undefined && now - Date.parse(lastUpdate) < RECENT_MS;
}
