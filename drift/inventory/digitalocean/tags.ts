import type { Labels } from "../product.ts";

/** DigitalOcean's tags are texts, which people write `environment:staging`. */
export const labelsOf = (tags: readonly string[] | null | undefined): Labels =>
  Object.fromEntries(
    (tags ?? []).map((tag) => {
      const at = tag.indexOf(":");
      return at === -1
        ? [tag.toLowerCase(), ""]
        : [tag.slice(0, at).toLowerCase(), tag.slice(at + 1)];
    }),
  );
