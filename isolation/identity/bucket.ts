import type { Identity } from "../observation.ts";
import { percentDecoded } from "./percent.ts";

/** R2 tells buckets of one name apart by where their data must stay. */
const DEFAULT_JURISDICTION = "default";

/** A bucket's name in its one spelling; undefined for what no vendor takes for one. */
export function bucketName(text: string): string | undefined {
  const name = percentDecoded(text).trim().toLowerCase();
  return /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(name) ? name : undefined;
}

/** Words that stand where a bucket's name could, and name none. */
const NO_NAMES: ReadonlySet<string> = new Set([
  "true",
  "false",
  "yes",
  "none",
  "null",
  "undefined",
  "default",
  "local",
  "test",
  "example",
  "changeme",
  "bucket",
  "my-bucket",
]);

/** A text that is one bucket's name as vendors demand it, and nothing else. */
export function plainBucketName(text: string): string | undefined {
  const name = text.trim();
  const valid = /^(?=.*[a-z])[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..");
  return valid && !NO_NAMES.has(name) ? name : undefined;
}

/** A bucket of S3, whose name is the world's. */
export const s3Bucket = (bucket: string): Identity => `s3:${bucket.trim().toLowerCase()}`;

/** A bucket of Google Cloud Storage, whose name is the world's. */
export const gcsBucket = (bucket: string): Identity => `gcs:${bucket.trim().toLowerCase()}`;

/** A bucket of R2; the default jurisdiction is not spelled out. */
export function r2Bucket(account: string, bucket: string, jurisdiction?: string): Identity {
  const where = jurisdiction?.trim().toLowerCase() ?? "";
  const prefix = where === "" || where === DEFAULT_JURISDICTION ? "" : `${where}/`;
  return `r2:${account.trim().toLowerCase()}/${prefix}${bucket.trim().toLowerCase()}`;
}

/** A bucket of DigitalOcean Spaces, whose name is its region's. */
export function spacesBucket(region: string, bucket: string): Identity {
  return `spaces:${region.trim().toLowerCase()}/${bucket.trim().toLowerCase()}`;
}

/** A bucket of Spaces whose region is not told: the one of that name in any region. */
export const spacesBucketAnywhere = (bucket: string): Identity => spacesBucket("*", bucket);

/**
 * Everything that an identity is to be found by: itself and, for a bucket of Spaces,
 * {@link spacesBucketAnywhere}. Which regions there are does not matter, so no new one is missed.
 */
export function namesOf(identity: Identity): readonly Identity[] {
  const [, bucket] = /^spaces:[^*/]+\/(.+)$/.exec(identity) ?? [];
  return bucket === undefined ? [identity] : [identity, spacesBucketAnywhere(bucket)];
}
