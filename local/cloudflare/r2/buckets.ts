import { type Document, NameTakenError } from "../../store/document-store.ts";
import { hexId } from "../identifiers.ts";
import type { CloudContext } from "../service.ts";
import { bucketExists, bucketNotEmpty, invalidBucketName, noSuchBucket } from "./errors.ts";
import type { CorsRule, LifecycleRule } from "./rules.ts";

export const LOCATIONS = ["apac", "eeur", "enam", "weur", "wnam", "oc"] as const;
export type Location = (typeof LOCATIONS)[number];

export const STORAGE_CLASSES = ["Standard", "InfrequentAccess"] as const;
export type StorageClass = (typeof STORAGE_CLASSES)[number];

export interface BucketBody {
  readonly location: Location;
  readonly storageClass: StorageClass;
  /** Undefined until a configuration is put. */
  readonly cors?: readonly CorsRule[];
  /** Kept and returned; nothing here ages, so no rule is ever carried out. */
  readonly lifecycle: readonly LifecycleRule[];
}

export type Bucket = Document<BucketBody>;

/** @see https://developers.cloudflare.com/r2/buckets/create-buckets/#bucket-level-operations */
const BUCKET_NAME = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** Where a bucket is that was created without a hint: the vendor takes the place nearest to the caller. */
const DEFAULT_LOCATION: Location = "weur";

const SECONDS_OF_A_WEEK = 604_800;

/** The rule with which the vendor creates every bucket. */
const DEFAULT_LIFECYCLE: readonly LifecycleRule[] = [
  {
    id: "Default Multipart Abort Rule",
    enabled: true,
    conditions: { prefix: "" },
    abortMultipartUploadsTransition: { condition: { type: "Age", maxAge: SECONDS_OF_A_WEEK } },
  },
];

const bucketsOf = ({ store }: CloudContext) => store.collection<BucketBody>("r2-bucket");

/** In order of their names. */
export const listBuckets = (cloud: CloudContext, accountId: string): Bucket[] =>
  bucketsOf(cloud)
    .list(accountId)
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** The buckets with this name: one an account at most. */
export const bucketsNamed = (cloud: CloudContext, name: string): Bucket[] =>
  bucketsOf(cloud)
    .all()
    .filter((bucket) => bucket.name === name);

/** The account's bucket with this name, or NoSuchBucket. */
export function requireBucket(cloud: CloudContext, accountId: string, name: string): Bucket {
  const bucket = bucketsOf(cloud).byName(accountId, name);
  if (bucket === undefined) throw noSuchBucket();
  return bucket;
}

export function createBucket(
  cloud: CloudContext,
  accountId: string,
  options: {
    name: string;
    location?: Location | undefined;
    storageClass?: StorageClass | undefined;
  },
): Bucket {
  if (!BUCKET_NAME.test(options.name)) throw invalidBucketName();
  try {
    return bucketsOf(cloud).insert(accountId, {
      id: hexId(),
      name: options.name,
      body: {
        location: options.location ?? DEFAULT_LOCATION,
        storageClass: options.storageClass ?? "Standard",
        lifecycle: DEFAULT_LIFECYCLE,
      },
    });
  } catch (error) {
    if (error instanceof NameTakenError) throw bucketExists();
    throw error;
  }
}

export function changeBucket(
  cloud: CloudContext,
  bucket: Bucket,
  change: (body: BucketBody) => BucketBody,
): Bucket {
  // Read again: the bucket may have changed while its request's body was on the way.
  const { body } = requireBucket(cloud, bucket.account, bucket.name);
  return bucketsOf(cloud).update(bucket.account, bucket.id, { body: change(body) });
}

/** Deletes an empty bucket, or refuses with BucketNotEmpty. */
export async function deleteBucket(
  cloud: CloudContext,
  accountId: string,
  name: string,
): Promise<void> {
  requireBucket(cloud, accountId, name);
  // Checked where no request can put an object any more: the runtime stands still meanwhile.
  await cloud.runtimes.of(accountId).erase("buckets", name, async (account) => {
    const { id } = requireBucket(cloud, accountId, name);
    const { objects } = await (await account.bucket(name)).list({ limit: 1 });
    if (objects.length > 0) throw bucketNotEmpty();
    bucketsOf(cloud).remove(accountId, id);
  });
}
