import { randomUUID } from "node:crypto";
import { z } from "zod";
import { malformedXml } from "../s3/errors.ts";
import { parseXml, type XmlNode, xmlDocument } from "../s3/xml.ts";
import { invalidRequest, notImplemented } from "./errors.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_RULES = 1000;

/** XML has neither lists nor empty objects: one element is itself, none is nothing, an empty one is text. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]),
    z.array(item),
  );
const orEmpty = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (value === "" ? {} : value), item);

const count = z.coerce.number().int().min(0);
const days = z.coerce.number().int().min(1);
const tag = z.strictObject({ Key: z.string(), Value: z.string() });
const sizes = { ObjectSizeGreaterThan: count.optional(), ObjectSizeLessThan: count.optional() };

const rule = z.strictObject({
  ID: z.string().max(255).optional(),
  Status: z.enum(["Enabled", "Disabled"]),
  /** The first version's way to say it, instead of `Filter`. */
  Prefix: z.string().optional(),
  Filter: orEmpty(
    z.strictObject({
      Prefix: z.string().optional(),
      Tag: tag.optional(),
      ...sizes,
      And: z.strictObject({ Prefix: z.string().optional(), Tag: listOf(tag), ...sizes }).optional(),
    }),
  ).optional(),
  Expiration: z
    .strictObject({
      Days: days.optional(),
      Date: z.iso.datetime({ offset: true }).or(z.iso.date()).optional(),
      ExpiredObjectDeleteMarker: z
        .enum(["true", "false"])
        .transform((text) => text === "true")
        .optional(),
    })
    .optional(),
  NoncurrentVersionExpiration: z
    .strictObject({ NoncurrentDays: days, NewerNoncurrentVersions: days.optional() })
    .optional(),
  AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: days }).optional(),
});

/**
 * A rule, in the words of S3's documents.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
export type LifecycleRule = z.infer<typeof rule>;

/** What rules look at, of one version. */
export interface AgingVersion {
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly isMarker: boolean;
  readonly size: number;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

/** `expire`: delete the key, as the bucket's versioning says. `remove`: delete these versions for good. */
export interface LifecycleActions {
  readonly expire: boolean;
  readonly remove: readonly string[];
}

/** `LifecycleConfiguration`, each rule with an id. Throws MalformedXML or the refusal of what is not served. */
export function readLifecycleDocument(text: string, hasTags: boolean): LifecycleRule[] {
  const document = parseXml(text, "LifecycleConfiguration");
  if (document === undefined) throw malformedXml();
  const { Rule: rules } = plain(document) as { Rule?: unknown };
  const elements = JSON.stringify(rules ?? "");
  if (/"(Noncurrent(Version)?)?Transition":/.test(elements)) {
    throw notImplemented("A transition to another storage class");
  }
  const parsed = listOf(rule).safeParse(rules);
  if (!parsed.success || parsed.data.length === 0 || parsed.data.length > MAX_RULES) {
    throw malformedXml();
  }
  for (const each of parsed.data) checkRule(each, hasTags);
  return parsed.data.map((each) => ({ ID: randomUUID(), ...each }));
}

export const lifecycleDocument = (rules: readonly LifecycleRule[]): string =>
  xmlDocument("LifecycleConfiguration", {
    Rule: rules.map(({ Filter, ...others }) => ({
      ...others,
      ...(Filter === undefined ? {} : { Filter: Object.keys(Filter).length === 0 ? "" : Filter }),
    })),
  });

/** What is to be done with a key's versions, the newest first, at `now`. */
export function lifecycleActions(
  rules: readonly LifecycleRule[],
  key: string,
  versions: readonly AgingVersion[],
  now: number,
): LifecycleActions {
  const [current, ...older] = versions;
  const remove = new Set<string>();
  let expire = false;
  for (const each of rules) {
    if (each.Status === "Disabled" || current === undefined) continue;
    const { Expiration, NoncurrentVersionExpiration } = each;
    if (Expiration !== undefined && matches(each, key, current)) {
      const isAlone = current.isMarker && older.length === 0;
      if (!current.isMarker) expire ||= isExpired(Expiration, current.modified, now);
      else if (isAlone && isMarkerDue(Expiration, current, now)) remove.add(current.version);
    }
    if (NoncurrentVersionExpiration === undefined) continue;
    const { NoncurrentDays, NewerNoncurrentVersions = 0 } = NoncurrentVersionExpiration;
    older.forEach((version, place) => {
      // It is not current since the one before it came.
      const since = versions[place]?.modified ?? now;
      const isDue = place >= NewerNoncurrentVersions && dueAt(since, NoncurrentDays) <= now;
      if (isDue && matches(each, key, version)) remove.add(version.version);
    });
  }
  return { expire, remove: [...remove] };
}

/** Whether an upload that began at `initiated` is to be aborted. */
export const isUploadDue = (
  rules: readonly LifecycleRule[],
  key: string,
  initiated: number,
  now: number,
): boolean =>
  rules.some((each) => {
    const { Status, AbortIncompleteMultipartUpload: abort } = each;
    return (
      Status === "Enabled" &&
      abort !== undefined &&
      key.startsWith(prefixOf(each)) &&
      dueAt(initiated, abort.DaysAfterInitiation) <= now
    );
  });

/** Days end at the midnight, UTC, that follows. */
export const dueAt = (since: number, number: number): number =>
  Math.ceil((since + number * DAY_MS) / DAY_MS) * DAY_MS;

const isExpired = (
  { Days, Date: date }: NonNullable<LifecycleRule["Expiration"]>,
  modified: number,
  now: number,
): boolean =>
  (Days !== undefined && dueAt(modified, Days) <= now) ||
  (date !== undefined && Date.parse(date) <= now);

/** A marker that hides nothing any more goes by a rule for it, or by its own age. */
const isMarkerDue = (
  { ExpiredObjectDeleteMarker, Days }: NonNullable<LifecycleRule["Expiration"]>,
  { modified }: AgingVersion,
  now: number,
): boolean =>
  ExpiredObjectDeleteMarker === true || (Days !== undefined && dueAt(modified, Days) <= now);

function matches(each: LifecycleRule, key: string, { size, tags }: AgingVersion): boolean {
  const { Filter = {} } = each;
  const { And } = Filter;
  const wanted = [...(Filter.Tag === undefined ? [] : [Filter.Tag]), ...(And?.Tag ?? [])];
  const greater = Filter.ObjectSizeGreaterThan ?? And?.ObjectSizeGreaterThan;
  const less = Filter.ObjectSizeLessThan ?? And?.ObjectSizeLessThan;
  return (
    key.startsWith(prefixOf(each)) &&
    wanted.every(({ Key, Value }) => tags.some((tag) => tag.Key === Key && tag.Value === Value)) &&
    (greater === undefined || size > greater) &&
    (less === undefined || size < less)
  );
}

const prefixOf = ({ Prefix, Filter }: LifecycleRule): string =>
  Prefix ?? Filter?.Prefix ?? Filter?.And?.Prefix ?? "";

function checkRule(each: LifecycleRule, hasTags: boolean): void {
  const { Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload, Filter } = each;
  const isEmpty = !Expiration && !NoncurrentVersionExpiration && !AbortIncompleteMultipartUpload;
  if (isEmpty) throw invalidRequest("At least one action needs to be specified in a rule");
  if (Expiration !== undefined && Object.keys(Expiration).length !== 1) throw malformedXml();
  if ((each.Prefix === undefined) === (Filter === undefined)) throw malformedXml();
  const { And } = Filter ?? {};
  if (Filter !== undefined && Object.keys(Filter).length > 1) throw malformedXml();
  const hasTagFilter = Filter?.Tag !== undefined || (And?.Tag ?? []).length > 0;
  if (hasTagFilter && !hasTags) throw notImplemented("A lifecycle rule for tags");
  if (hasTagFilter && AbortIncompleteMultipartUpload !== undefined) {
    throw invalidRequest("AbortIncompleteMultipartUpload cannot be specified with Tags.");
  }
  const date = Expiration?.Date;
  if (date !== undefined && Date.parse(date) % DAY_MS !== 0) {
    throw invalidRequest("'Date' must be at midnight GMT");
  }
}

/** The elements without the white space between them. */
function plain(node: XmlNode | readonly XmlNode[]): unknown {
  if (typeof node === "string") return node;
  if (isList(node)) return node.map(plain);
  const elements = Object.entries(node).filter(([name]) => name !== "#text");
  return Object.fromEntries(elements.map(([name, value]) => [name, plain(value)]));
}

const isList = (value: XmlNode | readonly XmlNode[]): value is readonly XmlNode[] =>
  Array.isArray(value);
