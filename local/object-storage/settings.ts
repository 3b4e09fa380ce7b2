import type { CorsRule } from "../cloudflare/r2/rules.ts";
import type { LifecycleRule } from "./lifecycle.ts";
import type { Tag } from "./tags.ts";

/** Who may read besides the owner: nobody or everybody. Other grants are not served. */
export type CannedAcl = "private" | "public-read";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export interface PublicAccessBlock {
  readonly BlockPublicAcls: boolean;
  readonly IgnorePublicAcls: boolean;
  readonly BlockPublicPolicy: boolean;
  readonly RestrictPublicBuckets: boolean;
}

export const OWNERSHIPS = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"] as const;
export type ObjectOwnership = (typeof OWNERSHIPS)[number];

/** What a bucket's owner decides; absent is what has not been put. */
export interface BucketSettings {
  readonly acl: CannedAcl;
  readonly versioning?: "Enabled" | "Suspended";
  readonly ownership?: ObjectOwnership;
  readonly publicAccess?: PublicAccessBlock;
  /** The document as it was put; it has been checked. */
  readonly policy?: string;
  readonly tags?: readonly Tag[];
  readonly cors?: readonly CorsRule[];
  readonly lifecycle?: readonly LifecycleRule[];
  /** The value of S3's header for small objects, which is told back. */
  readonly lifecycleMinimumSize?: string;
  readonly bucketKeyEnabled?: boolean;
  readonly blockedEncryption?: readonly string[];
}
