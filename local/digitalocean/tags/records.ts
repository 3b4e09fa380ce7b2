import type { Document } from "../../store/document-store.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { unprocessable } from "../envelope.ts";

/** A tag; the document's id is its name in small letters, since tags do not tell case. */
export type Tag = Document<Record<string, never>>;

const NAME = /^[A-Za-z0-9_:-]{1,255}$/;

const tagsOf = ({ store }: VendorContext) => store.collection<Record<string, never>>("do-tag");

export const listTags = (cloud: VendorContext, accountId: string): Tag[] =>
  tagsOf(cloud).list(accountId);

export const findTag = (cloud: VendorContext, accountId: string, name: string): Tag | undefined =>
  tagsOf(cloud).get(accountId, name.toLowerCase());

export const removeTag = (cloud: VendorContext, { account, id }: Tag): boolean =>
  tagsOf(cloud).remove(account, id);

/** The tags of those names, made where they are absent, each in the spelling that it was made with. */
export function ensureTags(
  cloud: VendorContext,
  accountId: string,
  names: readonly string[],
): string[] {
  const known = names.map((name) => {
    if (!NAME.test(name)) {
      throw unprocessable(
        `tags: "${name}" is not a tag. Use letters, digits, colons, dashes and underscores, 255 at most.`,
      );
    }
    const tag = findTag(cloud, accountId, name);
    return (tag ?? tagsOf(cloud).insert(accountId, { id: name.toLowerCase(), name, body: {} }))
      .name;
  });
  return [...new Set(known)];
}
