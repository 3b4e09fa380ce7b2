import { randomBytes } from "node:crypto";
import { invalidArgument, type S3Error, s3Error } from "../s3/errors.ts";
import type { Bucket } from "./buckets.ts";
import { writeVerdict } from "./conditions.ts";
import { noSuchKey, preconditionFailed } from "./errors.ts";
import type { ObjectVersion, StoredContent } from "./object-records.ts";
import type { Storage } from "./operation.ts";

/** The version that is put while versioning is not enabled; there is one of it at most. */
const NULL_VERSION = "null";
const VERSION = /^[\w-]{32}$/;
const NOTHING: StoredContent = { segments: [], headers: {}, acl: "private", tags: [] };

/** What a put object consists of. */
export interface PutObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly content: StoredContent;
}

/** The version that a put made. */
export interface PutVersion {
  readonly version: string;
  readonly modified: number;
}

/** What a deletion did: which version it took out, or which delete marker it put. */
export interface Deletion {
  readonly removed?: Pick<ObjectVersion, "version" | "isMarker">;
  /** The new marker's version. */
  readonly marker?: string;
}

/**
 * Makes the content the latest version, as the bucket's versioning says, in one transaction with the check of
 * the request's conditions. `uploadId`: the content is that upload's, which ends with it.
 */
export function putVersion(
  { buckets, index, blobs }: Storage,
  bucket: Bucket,
  { key, size, etag, content }: PutObject,
  headers: Headers,
  uploadId?: string,
): PutVersion {
  const { id, body } = buckets.again(bucket);
  refuseUnmet(headers, presentVersion(index.latest(id, key)), key);
  const version = newVersionOf(body.settings.versioning);
  const modified = Date.now();
  const row = { bucket: id, key, version, isMarker: false, modified, size, etag, content };
  blobs.discard(uploadId === undefined ? index.put(row) : index.completeUpload(uploadId, row));
  return { version, modified };
}

/** Deletes the key, or one version of it for good. What does not exist counts as deleted. */
export function deleteVersion(
  { buckets, index, blobs }: Storage,
  bucket: Bucket,
  key: string,
  versionId?: string,
): Deletion {
  const { id, body } = buckets.again(bucket);
  const { versioning } = body.settings;
  if (versionId !== undefined || versioning === undefined) {
    const removed = index.remove(id, key, versionId ?? NULL_VERSION);
    if (removed === undefined) return {};
    blobs.discard(removed.content.segments);
    return { removed };
  }
  const version = newVersionOf(versioning);
  blobs.discard(
    index.put({
      bucket: id,
      key,
      version,
      isMarker: true,
      modified: Date.now(),
      size: 0,
      etag: "",
      content: NOTHING,
    }),
  );
  return { marker: version };
}

/** Refuses a write whose conditions the present object does not meet. */
export function refuseUnmet(headers: Headers, present: ObjectVersion | undefined, key: string) {
  const verdict = writeVerdict(headers, present);
  if (verdict.kind !== "failed") return;
  if (present === undefined) throw noSuchKey(key);
  throw preconditionFailed(verdict.condition);
}

/** The version itself, unless it is a delete marker. */
export const presentVersion = (version: ObjectVersion | undefined): ObjectVersion | undefined =>
  version?.isMarker === true ? undefined : version;

/** The version that a request names, or the latest one; neither missing nor a delete marker. */
export function requireVersion(
  { index }: Storage,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  versionParameter = "versionId",
): ObjectVersion {
  if (versionId !== undefined && versionId !== NULL_VERSION && !VERSION.test(versionId)) {
    throw invalidArgument(`Invalid version id specified: ${versionParameter}`);
  }
  const found =
    versionId === undefined
      ? index.latest(bucket.id, key)
      : index.version(bucket.id, key, versionId);
  if (found === undefined) throw versionId === undefined ? noSuchKey(key) : noSuchVersion(key);
  if (!found.isMarker) return found;
  const headers = { "x-amz-delete-marker": "true", "x-amz-version-id": found.version };
  if (versionId === undefined) throw noSuchKey(key, headers);
  throw s3Error(
    405,
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
    { headers: { ...headers, allow: "DELETE" } },
  );
}

const noSuchVersion = (key: string): S3Error =>
  s3Error(404, "NoSuchVersion", "The specified version does not exist.", { details: { Key: key } });

const newVersionOf = (versioning: "Enabled" | "Suspended" | undefined): string =>
  versioning === "Enabled" ? randomBytes(24).toString("base64url") : NULL_VERSION;
