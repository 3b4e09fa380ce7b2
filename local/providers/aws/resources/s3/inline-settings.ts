/** Settings that used to be part of a bucket and are resources of their own now. */
import type { CheckFailure } from "../../../../../providers/sdk/check.ts";
import type { Property } from "../../../../../providers/sdk/properties.ts";
import type { RevealedMap } from "../../../../../providers/sdk/values.ts";

/** The resource that each setting belongs to. */
const RESOURCES = {
  accelerationStatus: "BucketAccelerateConfiguration",
  acl: "BucketAcl",
  corsRules: "BucketCorsConfiguration",
  grants: "BucketAcl",
  lifecycleRules: "BucketLifecycleConfiguration",
  logging: "BucketLogging",
  objectLockConfiguration: "BucketObjectLockConfiguration",
  policy: "BucketPolicy",
  replicationConfiguration: "BucketReplicationConfig",
  requestPayer: "BucketRequestPaymentConfiguration",
  serverSideEncryptionConfiguration: "BucketServerSideEncryptionConfiguration",
  versioning: "BucketVersioning",
  website: "BucketWebsiteConfiguration",
} as const;
type Setting = keyof typeof RESOURCES;
const SETTINGS = Object.keys(RESOURCES) as Setting[];

const rowOf = (setting: Setting) =>
  ({
    type: "any",
    mode: "optional",
    doc: `Not supported here: use aws.s3.${RESOURCES[setting]}.`,
    deprecated: `Use the aws.s3.${RESOURCES[setting]} resource instead.`,
  }) as const satisfies Property;

/** Rows by which a program that still uses them is told what to do instead. */
export const inlineRows = Object.fromEntries(
  SETTINGS.map((setting) => [setting, rowOf(setting)]),
) as { readonly [S in Setting]: ReturnType<typeof rowOf> };

/** Refuses every inline setting. */
export function refuseInline(inputs: RevealedMap): CheckFailure[] {
  return SETTINGS.filter((setting) => inputs[setting] !== undefined).map((setting) => ({
    property: setting,
    reason: `"${setting}" of a bucket is deprecated, and not supported here. Use the aws.s3.${RESOURCES[setting]} resource instead.`,
  }));
}
