import { setImmediate as breathe } from "node:timers/promises";
import type { Bucket } from "./buckets.ts";
import {
  type AgingVersion,
  isUploadDue,
  type LifecycleActions,
  type LifecycleRule,
  lifecycleActions,
} from "./lifecycle.ts";
import { FROM_START } from "./listing.ts";
import type { ObjectIndex, Start } from "./object-index.ts";
import type { ListedVersion } from "./object-records.ts";
import type { Storage } from "./operation.ts";
import { deleteVersion } from "./versions.ts";

/** Keys that are looked at before requests have their turn again. */
const KEYS_AT_ONCE = 200;

/** Carries out every bucket's lifecycle rules as of `now`, in milliseconds since 1970. */
export async function sweepLifecycles(storage: Storage, now: number): Promise<void> {
  for (const bucket of storage.buckets.all()) {
    const rules = bucket.body.settings.lifecycle ?? [];
    if (rules.length === 0) continue;
    abortUploads(storage, bucket, rules, now);
    await ageObjects(storage, bucket, rules, now);
  }
}

function abortUploads(
  { index, blobs }: Storage,
  { id }: Bucket,
  rules: readonly LifecycleRule[],
  now: number,
): void {
  const due = [...index.listUploads(id, FROM_START)].filter(({ key, initiated }) =>
    isUploadDue(rules, key, initiated, now),
  );
  for (const upload of due) blobs.discard(index.removeUpload(upload.id));
}

async function ageObjects(
  storage: Storage,
  bucket: Bucket,
  rules: readonly LifecycleRule[],
  now: number,
): Promise<void> {
  let start: Start | undefined = FROM_START;
  while (start !== undefined) {
    const { keys, next } = keysFrom(storage.index, bucket.id, start);
    for (const [key, versions] of keys) {
      const aging = versions.map((version) => agingVersion(storage.index, version));
      carryOut(storage, bucket, key, lifecycleActions(rules, key, aging, now));
    }
    start = next;
    await breathe();
    // It may have been deleted, or have got other rules, which the next sweep carries out.
    const current = storage.buckets.find(bucket.name);
    if (current?.id !== bucket.id || current.modifiedAt !== bucket.modifiedAt) return;
  }
}

function carryOut(
  storage: Storage,
  bucket: Bucket,
  key: string,
  { expire, remove }: LifecycleActions,
): void {
  for (const version of remove) deleteVersion(storage, bucket, key, version);
  if (expire) deleteVersion(storage, bucket, key);
}

/** The next keys with all their versions, and where those after them begin. */
function keysFrom(index: ObjectIndex, bucket: string, start: Start) {
  const keys = new Map<string, ListedVersion[]>();
  for (const version of index.listVersions(bucket, start)) {
    const versions = keys.get(version.key);
    if (versions !== undefined) versions.push(version);
    else if (keys.size === KEYS_AT_ONCE)
      return { keys, next: { key: version.key, isInclusive: true } };
    else keys.set(version.key, [version]);
  }
  return { keys, next: undefined };
}

const agingVersion = (index: ObjectIndex, version: ListedVersion): AgingVersion => ({
  ...version,
  tags: index.contentOf(version.sequence)?.tags ?? [],
});
