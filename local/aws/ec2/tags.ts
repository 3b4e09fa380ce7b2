import type { TagDescription } from "@aws-sdk/client-ec2";
import { z } from "zod";
import type { Caller } from "../caller.ts";
import { filterSchema, select } from "../filters.ts";
import { pageOf } from "../paging.ts";
import { invalidValue, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { type Tags, tagList, tagSchema, withTags } from "../tags.ts";
import { collectionOf, find, KINDS, type Prefix } from "./resources.ts";

/** Tags that a resource is created with. */
export const tagSpecificationsSchema = z
  .array(z.strictObject({ ResourceType: z.string(), Tags: z.array(tagSchema).default([]) }))
  .default([]);

/** The tags of a creation's specifications, all of which must be for the type of what is created. */
export function tagsFrom(
  specifications: z.infer<typeof tagSpecificationsSchema>,
  prefix: Prefix,
): Tags {
  const other = specifications.find(({ ResourceType }) => ResourceType !== KINDS[prefix].type);
  if (other !== undefined) {
    throw invalidValue(
      `'${other.ResourceType}' is not a valid taggable resource type for this operation.`,
    );
  }
  return withTags(
    {},
    specifications.flatMap(({ Tags }) => Tags),
  );
}

export const tagOperations: Operations = {
  CreateTags: operation(
    z.strictObject({
      Resources: z.array(z.string()).min(1),
      Tags: z.array(tagSchema).min(1),
      DryRun: z.literal(false).optional(),
    }),
    (caller, { Resources, Tags }) => {
      changeTags(caller, Resources, (tags) => withTags(tags, Tags));
      return {};
    },
  ),
  DeleteTags: operation(
    z.strictObject({
      Resources: z.array(z.string()).min(1),
      Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string().optional() })).optional(),
      DryRun: z.literal(false).optional(),
    }),
    (caller, { Resources, Tags }) => {
      // Without tags all go; a tag with a value goes only when it has this value.
      const goes = (key: string, value: string) =>
        Tags === undefined ||
        Tags.some(({ Key, Value }) => Key === key && (Value === undefined || Value === value));
      changeTags(caller, Resources, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key, value]) => !goes(key, value))),
      );
      return {};
    },
  ),
  DescribeTags: operation(
    z.strictObject({
      Filters: filterSchema,
      MaxResults: z.int().min(5).max(1000).optional(),
      NextToken: z.string().optional(),
      DryRun: z.literal(false).optional(),
    }),
    (caller, { Filters, MaxResults, NextToken }) => {
      const all = PREFIXES.flatMap((prefix) =>
        collectionOf(caller, prefix)
          .list(caller.scope)
          .flatMap(({ id, body }) =>
            tagList(body.tags).map(
              (tag): TagDescription => ({
                ResourceId: id,
                ResourceType: KINDS[prefix].type,
                ...tag,
              }),
            ),
          ),
      );
      const found = select(all, Filters, ({ ResourceId, ResourceType, Key, Value }) => ({
        "resource-id": [ResourceId],
        "resource-type": [ResourceType],
        key: [Key],
        value: [Value],
      }));
      const page = pageOf(found, { size: MaxResults, marker: NextToken });
      return { Tags: page.items, NextToken: page.next };
    },
  ),
};

const PREFIXES = Object.keys(KINDS) as Prefix[];

/** All of the resources or none. */
function changeTags(caller: Caller, ids: readonly string[], change: (tags: Tags) => Tags): void {
  caller.cloud.store.transaction(() => {
    for (const id of ids) {
      const prefix = PREFIXES.find((candidate) => id.startsWith(`${candidate}-`));
      if (prefix === undefined) {
        throw refusal("InvalidID", `The ID '${id}' is not valid`);
      }
      changeTagsOf(caller, prefix, id, change);
    }
  });
}

function changeTagsOf<P extends Prefix>(
  caller: Caller,
  prefix: P,
  id: string,
  change: (tags: Tags) => Tags,
): void {
  const { body } = find(caller, prefix, id);
  collectionOf(caller, prefix).update(caller.scope, id, {
    body: { ...body, tags: change(body.tags) },
  });
}
