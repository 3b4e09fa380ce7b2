import { SpacesBucket } from "@pulumi/digitalocean/spacesBucket.js";
import { SpacesBucketCorsConfiguration } from "@pulumi/digitalocean/spacesBucketCorsConfiguration.js";
import { SpacesKey } from "@pulumi/digitalocean/spacesKey.js";
import type { SpacesBucketLifecycleRule } from "@pulumi/digitalocean/types/input.js";
import * as pulumi from "@pulumi/pulumi";
import type { BucketVendor, LifecycleRule } from "./bucket-vendor.ts";
import { InputError } from "./input-error.ts";
import { type NameRule, validName } from "./naming.ts";
import { s3CorsRule } from "./s3-cors.ts";

/** @see https://docs.digitalocean.com/products/spaces/how-to/create/ */
const SPACES_NAME_RULE: NameRule = {
  thing: "Spaces bucket",
  pattern: /^[a-z0-9][a-z0-9-]+[a-z0-9]$/,
  maxLength: 63,
  allows: "3 to 63 lower-case letters, digits and hyphens, beginning and ending without a hyphen",
};

/** DigitalOcean Spaces. Each bucket gets an access key that reaches it alone. */
export const spaces: BucketVendor = {
  name: "spaces",
  create(spec, scope, parent, dataOptions) {
    validName(SPACES_NAME_RULE, "bucketName", spec.bucketName);
    const { provider, region } = scope.digitalocean;
    const child = { parent, provider };
    const bucket = new SpacesBucket(
      spec.logicalName,
      {
        name: spec.bucketName,
        region: spec.region ?? region,
        acl: "private",
        versioning: { enabled: spec.versioning },
        forceDestroy: !scope.protectData,
        ...(spec.lifecycle.length === 0
          ? {}
          : { lifecycleRules: spec.lifecycle.map(lifecycleRule) }),
      },
      { ...dataOptions, provider },
    );
    if (spec.cors.length > 0) {
      new SpacesBucketCorsConfiguration(
        spec.logicalName,
        {
          bucket: bucket.name,
          region: bucket.region.apply((slug) => slug ?? region),
          corsRules: spec.cors.map(s3CorsRule),
        },
        child,
      );
    }
    const key = new SpacesKey(
      spec.logicalName,
      { name: spec.bucketName, grants: [{ bucket: bucket.name, permission: "readwrite" }] },
      child,
    );
    return {
      bucketName: bucket.name,
      workerBinding: undefined,
      access: {
        endpoint: bucket.endpoint.apply(endpointUrl),
        region: bucket.region.apply((slug) => slug ?? region),
        accessKeyId: key.accessKey,
        secretAccessKey: pulumi.secret(key.secretKey),
      },
    };
  },
};

/** The vendor tells a host name; an endpoint that was configured may carry its scheme. */
const endpointUrl = (endpoint: string): string =>
  endpoint.includes("://") ? endpoint : `https://${endpoint}`;

function lifecycleRule(rule: LifecycleRule): SpacesBucketLifecycleRule {
  if (rule.infrequentAccessAfterDays !== undefined) {
    throw new InputError(
      `lifecycle rule "${rule.id}" moves objects to infrequent access, which Spaces does not have. ` +
        "Leave infrequentAccessAfterDays out.",
    );
  }
  return {
    id: rule.id,
    enabled: true,
    prefix: rule.prefix ?? "",
    ...(rule.expireAfterDays === undefined ? {} : { expiration: { days: rule.expireAfterDays } }),
    ...(rule.abortMultipartAfterDays === undefined
      ? {}
      : { abortIncompleteMultipartUploadDays: rule.abortMultipartAfterDays }),
  };
}
