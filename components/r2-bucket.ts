import { R2Bucket } from "@pulumi/cloudflare/r2bucket.js";
import { R2BucketCors } from "@pulumi/cloudflare/r2bucketCors.js";
import { R2BucketLifecycle } from "@pulumi/cloudflare/r2bucketLifecycle.js";
import type { R2BucketCorsRule, R2BucketLifecycleRule } from "@pulumi/cloudflare/types/input.js";
import type { BucketVendor, CorsRule, LifecycleRule } from "./bucket-vendor.ts";
import { InputError } from "./input-error.ts";
import { type NameRule, validName } from "./naming.ts";
import type { BindingSummary } from "./worker-bindings.ts";

/** Source: https://developers.cloudflare.com/r2/buckets/create-buckets/ (bucket-level naming). */
export const R2_NAME_RULE: NameRule = {
  thing: "R2 bucket",
  pattern: /^[a-z0-9][a-z0-9-]+[a-z0-9]$/,
  maxLength: 63,
  allows: "3 to 63 lower-case letters, digits and hyphens, beginning and ending without a hyphen",
};

const R2_REGIONS = ["apac", "eeur", "enam", "oc", "weur", "wnam"];
const SECONDS_PER_DAY = 86_400;
/** R2 gives every new bucket such a rule; replacing the rules must not lose it. */
const DEFAULT_ABORT_DAYS = 7;

/** Cloudflare R2. */
export const r2: BucketVendor = {
  name: "r2",
  withoutVersions: true,
  create(spec, scope, parent, dataOptions) {
    validName(R2_NAME_RULE, "bucketName", spec.bucketName);
    if (spec.region !== undefined && !R2_REGIONS.includes(spec.region)) {
      throw new InputError(
        `region "${spec.region}" is not one of R2's. Use ${R2_REGIONS.join(", ")}.`,
      );
    }
    const accountId = scope.account.id;
    const bucket = new R2Bucket(
      spec.logicalName,
      {
        accountId,
        name: spec.bucketName,
        ...(spec.region === undefined ? {} : { location: spec.region }),
      },
      dataOptions,
    );
    const settings = { accountId, bucketName: bucket.name };
    if (spec.lifecycle.length > 0) {
      const rules = r2LifecycleRules(spec.lifecycle);
      new R2BucketLifecycle(spec.logicalName, { ...settings, rules }, { parent });
    }
    if (spec.cors.length > 0) {
      const rules = spec.cors.map(r2CorsRule);
      new R2BucketCors(spec.logicalName, { ...settings, rules }, { parent });
    }
    return {
      bucketName: bucket.name,
      workerBinding: {
        api: { type: "r2_bucket", bucketName: bucket.name },
        summary: bucket.name.apply(
          (bucketName): BindingSummary => ({ type: "r2_bucket", bucketName }),
        ),
      },
      access: undefined,
    };
  },
};

/** R2's rules for ours, with its default rule for unfinished uploads where none says otherwise. */
export function r2LifecycleRules(rules: readonly LifecycleRule[]): R2BucketLifecycleRule[] {
  const abortsAny = rules.some(
    (rule) => rule.abortMultipartAfterDays !== undefined && !rule.prefix,
  );
  const defaults: LifecycleRule[] = abortsAny
    ? []
    : [{ id: "abort-unfinished-uploads", abortMultipartAfterDays: DEFAULT_ABORT_DAYS }];
  return [...rules, ...defaults].map(r2LifecycleRule);
}

function r2LifecycleRule(rule: LifecycleRule): R2BucketLifecycleRule {
  return {
    id: rule.id,
    enabled: true,
    conditions: { prefix: rule.prefix ?? "" },
    ...(rule.expireAfterDays === undefined
      ? {}
      : { deleteObjectsTransition: { condition: age(rule.id, rule.expireAfterDays) } }),
    ...(rule.infrequentAccessAfterDays === undefined
      ? {}
      : {
          storageClassTransitions: [
            {
              condition: age(rule.id, rule.infrequentAccessAfterDays),
              storageClass: "InfrequentAccess",
            },
          ],
        }),
    ...(rule.abortMultipartAfterDays === undefined
      ? {}
      : {
          abortMultipartUploadsTransition: {
            condition: age(rule.id, rule.abortMultipartAfterDays),
          },
        }),
  };
}

function age(id: string, days: number): { type: "Age"; maxAge: number } {
  if (!(days > 0)) {
    throw new InputError(
      `lifecycle rule "${id}" acts after ${days} days. Give a number of days above zero.`,
    );
  }
  return { type: "Age", maxAge: Math.round(days * SECONDS_PER_DAY) };
}

function r2CorsRule(rule: CorsRule): R2BucketCorsRule {
  return {
    allowed: {
      origins: [...rule.origins],
      methods: [...rule.methods],
      ...(rule.headers ? { headers: [...rule.headers] } : {}),
    },
    ...(rule.exposeHeaders ? { exposeHeaders: [...rule.exposeHeaders] } : {}),
    ...(rule.maxAgeSeconds === undefined ? {} : { maxAgeSeconds: rule.maxAgeSeconds }),
  };
}
