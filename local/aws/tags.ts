import { z } from "zod";
import { invalidValue, refusal } from "./protocol/errors.ts";

/** A resource's tags by their keys. */
export type Tags = Readonly<Record<string, string>>;

const MAX_TAGS = 50;

export const tagSchema = z.strictObject({
  Key: z.string().min(1).max(128),
  Value: z.string().max(256).default(""),
});

/** As answers list them. */
export const tagList = (tags: Tags): { readonly Key: string; readonly Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** The tags with more; of one key the last stays. */
export function withTags(tags: Tags, added: readonly z.infer<typeof tagSchema>[]): Tags {
  if (added.some(({ Key }) => /^aws:/i.test(Key))) {
    throw invalidValue("Tag keys starting with 'aws:' are reserved for internal use");
  }
  const merged = { ...tags, ...Object.fromEntries(added.map(({ Key, Value }) => [Key, Value])) };
  if (Object.keys(merged).length > MAX_TAGS) {
    throw refusal("TagLimitExceeded", `A resource can have at most ${MAX_TAGS} tags.`);
  }
  return merged;
}
