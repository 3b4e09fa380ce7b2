import type {
  LifecycleRule,
  LifecycleRuleFilter,
  TransitionDefaultMinimumObjectSize,
} from "@aws-sdk/client-s3";
import type { InputsOf, Properties } from "../../../../../providers/sdk/properties.ts";
import { isPlainMap } from "../../../../../providers/sdk/properties.ts";
import type { PlainValue } from "../../../../../providers/sdk/values.ts";
import { present } from "../../../present.ts";
import { inherited, optional, required } from "../../rows.ts";
import { bucketSetting, ownerRow } from "./bucket-setting.ts";

const sizes = {
  objectSizeGreaterThan: optional("integer", "Smallest object, in bytes, less one."),
  objectSizeLessThan: optional("integer", "Largest object, in bytes, plus one."),
  prefix: optional("string", "How keys begin."),
} as const;
const when = {
  date: optional("string", "On which day, RFC 3339."),
  days: optional("integer", "After how many days."),
} as const;
const noncurrent = {
  newerNoncurrentVersions: optional("integer", "How many versions stay."),
  noncurrentDays: required("integer", "After how many days."),
} as const;
const storageClass = required("string", "Storage class.");

const ruleRow = {
  id: required("string", "Id of the rule."),
  status: required("string", "Whether the rule is on.", { values: ["Enabled", "Disabled"] }),
  prefix: optional("string", "How keys begin.", { deprecated: "Use filter instead." }),
  filter: optional(
    {
      object: {
        ...sizes,
        tag: optional(
          {
            object: {
              key: required("string", "Key of the tag."),
              value: required("string", "Value of the tag."),
            },
          },
          "A tag that objects have.",
        ),
        and: optional(
          { object: { ...sizes, tags: optional({ map: "string" }, "Tags that objects have.") } },
          "Several conditions at once.",
        ),
      },
    },
    "Which objects the rule is for.",
  ),
  abortIncompleteMultipartUpload: optional(
    { object: { daysAfterInitiation: optional("integer", "After how many days.") } },
    "When unfinished uploads end.",
  ),
  expiration: optional(
    {
      object: {
        ...when,
        expiredObjectDeleteMarker: optional("boolean", "Whether lone delete markers go."),
      },
    },
    "When objects are deleted.",
  ),
  noncurrentVersionExpiration: optional({ object: noncurrent }, "When old versions are deleted."),
  noncurrentVersionTransitions: optional(
    { array: { object: { ...noncurrent, storageClass } } },
    "When old versions change their storage class.",
  ),
  transitions: optional(
    { array: { object: { ...when, storageClass } } },
    "When objects change their storage class.",
  ),
} as const satisfies Properties;

type Rule = InputsOf<typeof ruleRow>;

const properties = {
  ...ownerRow,
  rules: required({ array: { object: ruleRow } }, "Rules of the bucket.", {
    normalize: normalizeLifecycle,
  }),
  transitionDefaultMinimumObjectSize: inherited("string", "Which small objects stay.", {
    values: ["all_storage_classes_128K", "varies_by_storage_class"],
  }),
  timeouts: optional(
    {
      object: {
        create: optional("string", "Has no effect here."),
        update: optional("string", "Has no effect here."),
      },
    },
    "Have no effect here: the vendor answers at once.",
    { silent: true },
  ),
} as const;

/** `aws.s3.BucketLifecycleConfiguration`. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html */
export const bucketLifecycle = bucketSetting({
  name: "BucketLifecycleConfiguration",
  title: "bucket lifecycle configuration",
  doc: "When objects expire. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
  properties,
  put: (s3, bucket, { rules, transitionDefaultMinimumObjectSize: size }) =>
    s3.putBucketLifecycle({
      ...bucket,
      ...present({
        TransitionDefaultMinimumObjectSize: size as TransitionDefaultMinimumObjectSize | undefined,
      }),
      LifecycleConfiguration: { Rules: rules.map(ruleToApi) },
    }),
  async get(s3, bucket) {
    const found = await s3.getBucketLifecycle(bucket);
    return (
      found.Rules && {
        rules: found.Rules.map(ruleFromApi),
        ...present({
          transitionDefaultMinimumObjectSize: found.TransitionDefaultMinimumObjectSize,
        }),
      }
    );
  },
  remove: (s3, bucket) => s3.deleteBucketLifecycle(bucket),
});

/** Form in which two lists are compared: what is empty or off says nothing, and dates are moments. */
export function normalizeLifecycle(value: PlainValue): PlainValue {
  const rules = compact(value) ?? [];
  if (!Array.isArray(rules)) return rules;
  const byId = (rule: PlainValue) => (isPlainMap(rule) ? String(rule.id) : "");
  return [...rules].sort((a, b) => (byId(a) < byId(b) ? -1 : 1));
}

function compact(value: PlainValue | undefined, key = ""): PlainValue | undefined {
  if (value === undefined || value === null || value === "" || value === false) return undefined;
  if (key === "date" && typeof value === "string") return dateOf(value).toISOString();
  if (Array.isArray(value)) {
    const items = value.flatMap((each) => compact(each) ?? []);
    return items.length > 0 ? items : undefined;
  }
  if (!isPlainMap(value)) return value;
  const entries = Object.entries(value).flatMap(([name, each]) => {
    const kept = compact(each, name);
    return kept === undefined ? [] : [[name, kept] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** A day, or a moment; what is neither is told by the vendor, not by a crash here. */
function dateOf(text: string): Date {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}

function ruleToApi(rule: Rule): LifecycleRule {
  const { expiration, abortIncompleteMultipartUpload: abort } = rule;
  return present({
    ID: rule.id,
    Status: rule.status as "Enabled" | "Disabled",
    Prefix: rule.prefix,
    Filter: rule.prefix === undefined ? filterToApi(rule.filter) : undefined,
    AbortIncompleteMultipartUpload: abort && { DaysAfterInitiation: abort.daysAfterInitiation },
    Expiration:
      expiration &&
      present({
        ...whenToApi(expiration),
        ExpiredObjectDeleteMarker: expiration.expiredObjectDeleteMarker,
      }),
    NoncurrentVersionExpiration:
      rule.noncurrentVersionExpiration && noncurrentToApi(rule.noncurrentVersionExpiration),
    NoncurrentVersionTransitions: rule.noncurrentVersionTransitions?.map((each) => ({
      ...noncurrentToApi(each),
      StorageClass: each.storageClass,
    })),
    Transitions: rule.transitions?.map((each) => ({
      ...whenToApi(each),
      StorageClass: each.storageClass,
    })),
  }) as LifecycleRule;
}

function filterToApi(filter: Rule["filter"]): LifecycleRuleFilter {
  const { and, tag } = filter ?? {};
  const tags = Object.entries(and?.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
  const fields = present({
    ObjectSizeGreaterThan: filter?.objectSizeGreaterThan,
    ObjectSizeLessThan: filter?.objectSizeLessThan,
    Prefix: filter?.prefix,
    Tag: tag && { Key: tag.key, Value: tag.value },
    And:
      and &&
      present({
        ObjectSizeGreaterThan: and.objectSizeGreaterThan,
        ObjectSizeLessThan: and.objectSizeLessThan,
        Prefix: and.prefix,
        Tags: tags.length > 0 ? tags : undefined,
      }),
  });
  // No condition is an empty prefix: the vendor wants a filter in every rule.
  return Object.keys(fields).length > 0 ? fields : { Prefix: "" };
}

const whenToApi = ({
  date,
  days,
}: {
  readonly date?: string | undefined;
  readonly days?: number | undefined;
}) => present({ Date: date === undefined ? undefined : dateOf(date), Days: days });

const noncurrentToApi = (rule: {
  readonly noncurrentDays: number;
  readonly newerNoncurrentVersions?: number | undefined;
}) =>
  present({
    NoncurrentDays: rule.noncurrentDays,
    NewerNoncurrentVersions: rule.newerNoncurrentVersions,
  });

function ruleFromApi(found: LifecycleRule): Rule {
  const { Filter: filter, Expiration: expiration, NoncurrentVersionExpiration: old } = found;
  return {
    id: found.ID ?? "",
    status: found.Status ?? "Disabled",
    ...present({
      prefix: found.Prefix,
      filter: filter && filterFromApi(filter),
      abortIncompleteMultipartUpload:
        found.AbortIncompleteMultipartUpload &&
        present({ daysAfterInitiation: found.AbortIncompleteMultipartUpload.DaysAfterInitiation }),
      expiration:
        expiration &&
        present({
          date: expiration.Date?.toISOString(),
          days: expiration.Days,
          expiredObjectDeleteMarker: expiration.ExpiredObjectDeleteMarker,
        }),
      noncurrentVersionExpiration: old && noncurrentFromApi(old),
      noncurrentVersionTransitions: found.NoncurrentVersionTransitions?.map((each) => ({
        ...noncurrentFromApi(each),
        storageClass: each.StorageClass ?? "",
      })),
      transitions: found.Transitions?.map((each) => ({
        ...present({ date: each.Date?.toISOString(), days: each.Days }),
        storageClass: each.StorageClass ?? "",
      })),
    }),
  };
}

function filterFromApi(found: LifecycleRuleFilter): NonNullable<Rule["filter"]> {
  const { And: and, Tag: tag } = found;
  return present({
    objectSizeGreaterThan: found.ObjectSizeGreaterThan,
    objectSizeLessThan: found.ObjectSizeLessThan,
    prefix: found.Prefix,
    tag: tag && { key: tag.Key ?? "", value: tag.Value ?? "" },
    and:
      and &&
      present({
        objectSizeGreaterThan: and.ObjectSizeGreaterThan,
        objectSizeLessThan: and.ObjectSizeLessThan,
        prefix: and.Prefix,
        tags: and.Tags && Object.fromEntries(and.Tags.map((each) => [each.Key, each.Value ?? ""])),
      }),
  });
}

const noncurrentFromApi = (found: {
  readonly NoncurrentDays?: number | undefined;
  readonly NewerNoncurrentVersions?: number | undefined;
}) => ({
  noncurrentDays: found.NoncurrentDays ?? 0,
  ...present({ newerNoncurrentVersions: found.NewerNoncurrentVersions }),
});
