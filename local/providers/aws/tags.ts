/** Tags: a resource's own, the provider's default ones, and both together. Pure but for {@link syncTags}. */
import type { AwsClient } from "./client.ts";
import type { Tags } from "./config.ts";
import { optional, output } from "./rows.ts";

/** Rows of every resource that has tags. */
export const tagRows = {
  tags: optional({ map: "string" }, "Tags of the resource itself.", { unset: {} }),
  tagsAll: output({ map: "string" }, "All tags, the provider's defaultTags included.", {
    volatile: true,
  }),
} as const;

/** A tag as most services spell it. */
export interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

type Tagged = { readonly tags?: Tags | null | undefined };

/** Everything that the resource is to be tagged with; its own tags win. */
export function allTags({ defaultTags }: Pick<AwsClient, "defaultTags">, { tags }: Tagged): Tags {
  return { ...defaultTags, ...tags };
}

/** Tags as a request has them. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/**
 * What the vendor's tags are as outputs. A default tag is the resource's own too only where the
 * program says so; tags that AWS itself sets are left out. Without any, `tags` are what the program
 * says: nothing, or an empty map.
 */
export function liveTags(
  { defaultTags }: Pick<AwsClient, "defaultTags">,
  list: readonly Tag[] | undefined,
  known: Tagged | undefined,
): { tags: Tags | undefined; tagsAll: Tags } {
  const entries = (list ?? []).flatMap(({ Key, Value = "" }) =>
    Key === undefined || Key.startsWith("aws:") ? [] : [[Key, Value] as const],
  );
  const own = entries.filter(
    ([key, value]) => defaultTags[key] !== value || known?.tags?.[key] !== undefined,
  );
  const none = own.length === 0 && !known?.tags;
  return {
    tags: none ? undefined : Object.fromEntries(own),
    tagsAll: Object.fromEntries(entries),
  };
}

/** What to do to come from one set of tags to another. */
export function tagChanges(
  before: Tags,
  after: Tags,
): { readonly removed: string[]; readonly changed: Tags } {
  return {
    removed: Object.keys(before).filter((key) => !(key in after)),
    changed: Object.fromEntries(
      Object.entries(after).filter(([key, value]) => before[key] !== value),
    ),
  };
}

/** Services that tag by ARN: RDS and ElastiCache. */
export interface TagApi {
  addTagsToResource(input: { ResourceName: string; Tags: Tag[] }): Promise<unknown>;
  removeTagsFromResource(input: { ResourceName: string; TagKeys: string[] }): Promise<unknown>;
  listTagsForResource(input: { ResourceName: string }): Promise<{ TagList?: Tag[] | undefined }>;
}

/** Brings the tags of an ARN to what the program says. */
export async function syncTags(
  api: TagApi,
  client: AwsClient,
  arn: string,
  inputs: Tagged,
): Promise<void> {
  const { TagList } = await api.listTagsForResource({ ResourceName: arn });
  const { removed, changed } = tagChanges(
    liveTags(client, TagList, inputs).tagsAll,
    allTags(client, inputs),
  );
  if (removed.length > 0) await api.removeTagsFromResource({ ResourceName: arn, TagKeys: removed });
  if (Object.keys(changed).length > 0)
    await api.addTagsToResource({ ResourceName: arn, Tags: tagList(changed) });
}
