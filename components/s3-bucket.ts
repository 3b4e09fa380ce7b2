import { Bucket as AwsBucket } from "@pulumi/aws/s3/bucket.js";
import { BucketCorsConfiguration } from "@pulumi/aws/s3/bucketCorsConfiguration.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import type { BucketVendor, LifecycleRule } from "./bucket-vendor.ts";
import { environmentTags } from "./environment-tags.ts";
import { InputError } from "./input-error.ts";
import { type NameRule, validName } from "./naming.ts";
import { s3CorsRule } from "./s3-cors.ts";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const S3_NAME_RULE: NameRule = {
  thing: "S3 bucket",
  pattern: /^[a-z0-9][a-z0-9-]+[a-z0-9]$/,
  maxLength: 63,
  allows: "3 to 63 lower-case letters, digits and hyphens, beginning and ending without a hyphen",
};

/** Amazon S3. What reads it there does so by a role, so no access key is made. */
export const s3: BucketVendor = {
  name: "s3",
  create(spec, scope, parent, dataOptions) {
    validName(S3_NAME_RULE, "bucketName", spec.bucketName);
    const { provider, region } = scope.aws;
    if (spec.region !== undefined && spec.region !== region) {
      throw new InputError(
        `region "${spec.region}" is not the account's (${region}). Leave region out, or set aws:region.`,
      );
    }
    const child = { parent, provider };
    const name = spec.logicalName;
    const made = new AwsBucket(
      name,
      { bucket: spec.bucketName, forceDestroy: !scope.protectData, tags: environmentTags(scope) },
      { ...dataOptions, provider },
    );
    const bucket = made.bucket;
    new BucketPublicAccessBlock(
      name,
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      child,
    );
    new BucketOwnershipControls(
      name,
      { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      child,
    );
    new BucketServerSideEncryptionConfiguration(
      name,
      {
        bucket,
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
      },
      child,
    );
    const versioning = new BucketVersioning(
      name,
      {
        bucket,
        versioningConfiguration: { status: spec.versioning ? "Enabled" : "Suspended" },
      },
      child,
    );
    if (spec.lifecycle.length > 0) {
      new BucketLifecycleConfiguration(
        name,
        { bucket, rules: spec.lifecycle.map(lifecycleRule) },
        { ...child, dependsOn: versioning },
      );
    }
    if (spec.cors.length > 0) {
      new BucketCorsConfiguration(
        name,
        {
          bucket,
          corsRules: spec.cors.map(s3CorsRule),
        },
        child,
      );
    }
    return { bucketName: bucket, workerBinding: undefined, access: undefined };
  },
};

const lifecycleRule = (rule: LifecycleRule) => ({
  id: rule.id,
  status: "Enabled",
  filter: { prefix: rule.prefix ?? "" },
  ...(rule.expireAfterDays === undefined ? {} : { expiration: { days: rule.expireAfterDays } }),
  ...(rule.infrequentAccessAfterDays === undefined
    ? {}
    : { transitions: [{ days: rule.infrequentAccessAfterDays, storageClass: "STANDARD_IA" }] }),
  ...(rule.abortMultipartAfterDays === undefined
    ? {}
    : {
        abortIncompleteMultipartUpload: { daysAfterInitiation: rule.abortMultipartAfterDays },
      }),
});
