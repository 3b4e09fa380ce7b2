import { malformedXml, type S3Error, s3Error } from "../s3/errors.ts";
import { children, childText, parseXml, xmlDocument } from "../s3/xml.ts";

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** How many tags a thing may have. */
export const MAX_TAGS = { bucket: 50, object: 10 } as const;

/** `Tagging`, as it is put and answered. Throws MalformedXML or InvalidTag. */
export function readTagging(text: string, max: number): Tag[] {
  const [set] = children(parseXml(text, "Tagging"), "TagSet");
  if (set === undefined) throw malformedXml();
  return checkedTags(
    children(set, "Tag").map((tag) => {
      const [Key, Value] = [childText(tag, "Key"), childText(tag, "Value")];
      if (Key === undefined || Value === undefined) throw malformedXml();
      return { Key, Value };
    }),
    max,
  );
}

export const taggingDocument = (tags: readonly Tag[]): string =>
  xmlDocument("Tagging", { TagSet: tags.length === 0 ? "" : { Tag: tags } });

/** The tags of the header `x-amz-tagging`: `a=1&b=2`. */
export const readTaggingHeader = (text: string): Tag[] =>
  checkedTags(
    [...new URLSearchParams(text)].map(([Key, Value]) => ({ Key, Value })),
    MAX_TAGS.object,
  );

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-managing.html */
export function checkedTags(tags: readonly Tag[], max: number): Tag[] {
  if (tags.length > max) {
    throw s3Error(400, "BadRequest", `Object tags cannot be greater than ${max}`);
  }
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) {
    throw invalidTag("Cannot provide multiple Tags with the same key");
  }
  for (const { Key, Value } of tags) {
    if (Key.length < 1 || Key.length > 128)
      throw invalidTag("The TagKey you have provided is invalid");
    if (Value.length > 256) throw invalidTag("The TagValue you have provided is invalid");
    if (/^aws:/i.test(Key)) throw invalidTag("System tags cannot be added/updated by requester");
  }
  return [...tags];
}

const invalidTag = (message: string): S3Error => s3Error(400, "InvalidTag", message);
