import type { Labels } from "../product.ts";

interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** AWS's tags as labels. */
export const labelsOf = (tags: readonly Tag[] = []): Labels =>
  Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key.toLowerCase(), Value]));

/** The tag that AWS's console shows as a name, else the id. */
export const nameOf = (tags: readonly Tag[] | undefined, id: string): string =>
  tags?.find(({ Key }) => Key === "Name")?.Value || id;
