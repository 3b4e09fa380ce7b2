import type { Redis } from "../../shared/worker/redis.ts";

/** Keys that one step of a scan looks at. */
const STEP = 500;

/**
 * Length of each queue under a prefix, by its name without it. By SCAN, which KEYS would do in one step
 * that blocks the server.
 */
export async function queueLengths(redis: Redis, prefix: string): Promise<Record<string, number>> {
  const lengths: Record<string, number> = {};
  let cursor = "0";
  do {
    const found = await redis.scan(cursor, {
      MATCH: `${prefix}queue:*`,
      COUNT: STEP,
      TYPE: "list",
    });
    cursor = found.cursor;
    for (const key of found.keys)
      lengths[key.slice(`${prefix}queue:`.length)] = await redis.lLen(key);
  } while (cursor !== "0");
  return lengths;
}
