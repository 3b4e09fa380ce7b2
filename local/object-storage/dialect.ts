import type { KeyVendor } from "../access-keys.ts";
import { regions } from "../aws/regions.ts";
import type { BucketSettings } from "./settings.ts";

/** What the two vendors' object storages differ in; all else is the same. */
export interface Dialect {
  readonly vendor: KeyVendor;
  /** Kind of its buckets in the document store, and folder of its objects. */
  readonly name: "s3" | "spaces";
  readonly regions: readonly string[];
  /** Where a bucket is whose request names no region of the vendor's. */
  readonly defaultRegion: string;
  /** Whether requests must be signed for the region of their bucket. Spaces' clients sign for `us-east-1`. */
  readonly isRegionSigned: boolean;
  readonly copiesAcrossRegions: boolean;
  readonly bucketName: RegExp;
  /** Settings of a new bucket, beyond those that its creation asks for. */
  readonly newBucket: Pick<BucketSettings, "ownership" | "publicAccess">;
  /** Parameters of the query whose operations the vendor does not have. */
  readonly unserved: ReadonlySet<string>;
  /** Whether objects and lifecycle rules have tags. */
  readonly hasTags: boolean;
  /** What every object is encrypted with, as the vendor tells it in `x-amz-server-side-encryption`. */
  readonly encryption: "AES256" | undefined;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const S3_BUCKET_NAME =
  /^(?!xn--|sthree-|\d+\.\d+\.\d+\.\d+$)(?!.*(\.\.|-s3alias$|--ol-s3$))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const s3: Dialect = {
  vendor: "aws",
  name: "s3",
  regions,
  defaultRegion: "us-east-1",
  isRegionSigned: true,
  copiesAcrossRegions: true,
  bucketName: S3_BUCKET_NAME,
  newBucket: {
    ownership: "BucketOwnerEnforced",
    publicAccess: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
  },
  unserved: new Set(),
  hasTags: true,
  encryption: "AES256",
};

/** @see https://docs.digitalocean.com/products/spaces/reference/s3-compatibility/ */
const spaces: Dialect = {
  vendor: "digitalocean",
  name: "spaces",
  regions: ["ams3", "atl1", "blr1", "fra1", "lon1", "nyc3", "sfo2", "sfo3", "sgp1", "syd1", "tor1"],
  defaultRegion: "nyc3",
  isRegionSigned: false,
  copiesAcrossRegions: false,
  bucketName: /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
  newBucket: {},
  unserved: new Set([
    "accelerate",
    "attributes",
    "encryption",
    "notification",
    "object-lock",
    "ownershipControls",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "tagging",
  ]),
  hasTags: false,
  encryption: undefined,
};

export const DIALECTS: Readonly<Record<KeyVendor, Dialect>> = { aws: s3, digitalocean: spaces };
