import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { SetupError } from "./failure.mjs";

const MEGABYTE = 1024 * 1024;

/**
 * Fails early when a folder's disk cannot hold what a step is about to write.
 * @param {string} folder It need not exist yet.
 * @param {number} megabytes
 * @param {string} purpose Completes "… is needed to".
 * @throws {SetupError}
 */
export function requireFreeSpace(folder, megabytes, purpose) {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  const free = Math.floor((bavail * bsize) / MEGABYTE);
  if (free >= megabytes) return;
  throw new SetupError(
    `Only ${free} MB are free at ${existing}, but ${megabytes} MB are needed to ${purpose}.`,
    `Free some space there (\`df -h ${existing}\`), or point BULKHEAD_CACHE to a folder on a larger disk for the tools.`,
  );
}
