import { z } from "zod";
import type { Caller } from "./caller.ts";
import { invalidValue, notFound } from "./protocol/errors.ts";
import { type Operations, operation } from "./protocol/operation.ts";
import { type Tags, tagList, tagSchema, withTags } from "./tags.ts";

/** A kind of resource that has tags, as RDS and ElastiCache name it in ARNs. */
export interface TaggedKind {
  /** The document kind in the store. */
  readonly kind: string;
  /** What the vendor answers when there is none. */
  readonly notFound: string;
}

/** The tags of resources by their ARNs, which end in `:<kind>:<name>`; documents are found by their names. */
export function arnTagOperations(
  service: string,
  kinds: Readonly<Record<string, TaggedKind>>,
  answerTags: boolean,
): Operations {
  const documentOf = (caller: Caller, arn: string) => {
    const [, , arnService, region, account, type = "", ...name] = arn.split(":");
    const kind = kinds[type];
    const isMine =
      arnService === service && region === caller.region && account === caller.accountId;
    if (kind === undefined) throw invalidValue(`The specified resource name ${arn} is invalid.`);
    const collection = caller.cloud.store.collection<{ readonly tags: Tags }>(kind.kind);
    const found = isMine ? collection.byName(caller.scope, name.join(":")) : undefined;
    if (found === undefined) throw notFound(kind.notFound, `${name.join(":")} not found.`);
    return { collection, ...found };
  };
  const change = (caller: Caller, arn: string, to: (tags: Tags) => Tags) => {
    const { collection, id, body } = documentOf(caller, arn);
    const tags = to(body.tags);
    collection.update(caller.scope, id, { body: { ...body, tags } });
    return answerTags ? { TagList: tagList(tags) } : {};
  };
  const ResourceName = z.string();
  return {
    ListTagsForResource: operation(z.strictObject({ ResourceName }), (caller, request) => ({
      TagList: tagList(documentOf(caller, request.ResourceName).body.tags),
    })),
    AddTagsToResource: operation(
      z.strictObject({ ResourceName, Tags: z.array(tagSchema) }),
      (caller, request) =>
        change(caller, request.ResourceName, (tags) => withTags(tags, request.Tags)),
    ),
    RemoveTagsFromResource: operation(
      z.strictObject({ ResourceName, TagKeys: z.array(z.string()) }),
      (caller, { ResourceName: arn, TagKeys }) =>
        change(caller, arn, (tags) =>
          Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))),
        ),
    ),
  };
}
