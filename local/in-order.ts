import { KeyedLock } from "./engines/keyed-lock.ts";
import type { VendorContext } from "./vendor-context.ts";

const locks = new WeakMap<VendorContext, KeyedLock>();

/** Runs `work` when all earlier work of the same key has ended, however that ended. */
export function inOrder<R>(cloud: VendorContext, key: string, work: () => Promise<R>): Promise<R> {
  const lock = locks.get(cloud) ?? new KeyedLock();
  locks.set(cloud, lock);
  return lock.run(key, work);
}
