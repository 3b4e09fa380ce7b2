/** Lifecycle rules of a bucket of Spaces. */
import type { LifecycleRule } from "@aws-sdk/client-s3";
import type { ValueOf } from "../../../../providers/sdk/properties.ts";

/** When objects are deleted by themselves. */
export const lifecycleRules = {
  type: {
    array: {
      object: {
        id: { type: "string", mode: "inherited", doc: "Identifier of the rule." },
        enabled: { type: "boolean", mode: "required", doc: "Whether the rule is in force." },
        prefix: { type: "string", mode: "optional", unset: "", doc: "Prefix of the keys." },
        abortIncompleteMultipartUploadDays: {
          type: "integer",
          mode: "optional",
          doc: "Days after which an upload that was not ended is given up.",
        },
        expiration: {
          type: {
            object: {
              date: { type: "string", mode: "optional", doc: "Day, such as 2030-01-31." },
              days: { type: "integer", mode: "optional", doc: "Days after the creation." },
              expiredObjectDeleteMarker: {
                type: "boolean",
                mode: "optional",
                doc: "Whether markers without a version are deleted.",
              },
            },
          },
          mode: "optional",
          doc: "When objects expire.",
        },
        noncurrentVersionExpiration: {
          type: {
            object: {
              days: { type: "integer", mode: "optional", doc: "Days after the replacement." },
            },
          },
          mode: "optional",
          doc: "When versions that were replaced expire.",
        },
      },
    },
  },
  mode: "optional",
  unset: [],
  doc: "When objects are deleted by themselves.",
} as const;

type Rule = ValueOf<typeof lifecycleRules.type>[number];

/** A program's rule as S3 takes it. */
export function ruleToS3(rule: Rule): LifecycleRule {
  const { expiration, noncurrentVersionExpiration, abortIncompleteMultipartUploadDays } = rule;
  return {
    ID: rule.id,
    Status: rule.enabled ? "Enabled" : "Disabled",
    Filter: { Prefix: rule.prefix ?? "" },
    Expiration: expiration && {
      Date: expiration.date === undefined ? undefined : new Date(expiration.date),
      Days: expiration.days,
      ExpiredObjectDeleteMarker: expiration.expiredObjectDeleteMarker,
    },
    NoncurrentVersionExpiration: noncurrentVersionExpiration && {
      NoncurrentDays: noncurrentVersionExpiration.days,
    },
    AbortIncompleteMultipartUpload:
      abortIncompleteMultipartUploadDays === undefined
        ? undefined
        : { DaysAfterInitiation: abortIncompleteMultipartUploadDays },
  };
}

/** S3's rule as a program says it. */
export function ruleFromS3(rule: LifecycleRule): Rule {
  const { Expiration: end, NoncurrentVersionExpiration: replaced } = rule;
  const prefix = rule.Filter?.Prefix ?? rule.Filter?.And?.Prefix;
  const upload = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
  return {
    enabled: rule.Status === "Enabled",
    ...(rule.ID ? { id: rule.ID } : {}),
    ...(prefix ? { prefix } : {}),
    ...(upload === undefined ? {} : { abortIncompleteMultipartUploadDays: upload }),
    ...(end && {
      expiration: {
        ...(end.Date && { date: end.Date.toISOString().slice(0, 10) }),
        ...(end.Days === undefined ? {} : { days: end.Days }),
        ...(end.ExpiredObjectDeleteMarker === undefined
          ? {}
          : { expiredObjectDeleteMarker: end.ExpiredObjectDeleteMarker }),
      },
    }),
    ...(replaced && {
      noncurrentVersionExpiration:
        replaced.NoncurrentDays === undefined ? {} : { days: replaced.NoncurrentDays },
    }),
  };
}
