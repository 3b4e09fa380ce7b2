import { z } from "zod";
import { invalidValue } from "./protocol/errors.ts";
import type { Tags } from "./tags.ts";

/** `Filter.1.Name`, `Filter.1.Value.1`, … */
export const filterSchema = z
  .array(z.strictObject({ Name: z.string(), Values: z.array(z.string()).default([]) }))
  .default([]);

/** What a resource can be found by: each filter's name with the values that the resource has for it. */
export type Facts = Readonly<Record<string, readonly (string | number | boolean | undefined)[]>>;

/**
 * The items that every filter lets through: one of its values, in which `*` and `?` stand for any text and
 * any character, is one of the item's. Throws the vendor's refusal of a filter that `factsOf` does not name.
 */
export function select<T>(
  items: readonly T[],
  filters: z.infer<typeof filterSchema>,
  factsOf: (item: T) => Facts,
): T[] {
  return items.filter((item) => {
    const facts = factsOf(item);
    return filters.every(({ Name, Values }) => {
      const actual = facts[Name] ?? tagFacts(facts, Name);
      if (actual === undefined) throw invalidValue(`The filter '${Name}' is invalid`);
      return Values.some((value) => actual.some((one) => matches(value, String(one ?? ""))));
    });
  });
}

/** The facts that tags are: `tag-key` and `tag:<key>`. */
export const factsOfTags = (tags: Tags): Facts => ({
  "tag-key": Object.keys(tags),
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`tag:${key}`, [value]])),
});

/** A tag that the resource does not have lets nothing through. */
const tagFacts = (facts: Facts, name: string): Facts[string] | undefined =>
  name.startsWith("tag:") && facts["tag-key"] !== undefined ? [] : undefined;

function matches(pattern: string, value: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll(/\*+/g, ".*").replaceAll("?", ".")}$`, "s").test(value);
}
