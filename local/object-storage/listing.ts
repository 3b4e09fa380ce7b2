import type { Start } from "./object-index.ts";

/** What to list, and how much of it. */
export interface ListingQuestion<Item> {
  readonly prefix: string;
  /** Empty when nothing is rolled up. */
  readonly delimiter: string;
  /** How many keys and common prefixes together. */
  readonly limit: number;
  readonly start: Start;
  /** Items before those of `source`, e.g. the rest of the key that the page before ended in. */
  readonly first?: readonly Item[];
  /** All items from `start` on, in the order of their keys' UTF-8 bytes. */
  readonly source: (start: Start) => Iterable<Item>;
}

export interface Listing<Item> {
  readonly items: readonly Item[];
  readonly prefixes: readonly string[];
  /** Where the rest begins: after an item, or after all keys with a common prefix; undefined at the end. */
  readonly next: { readonly item: Item } | { readonly prefix: string } | undefined;
}

/** Keys from the beginning. */
export const FROM_START: Start = { key: "", isInclusive: true };

/**
 * One page of a listing. Keys that go on after the prefix with the delimiter in them are told once, by their
 * beginning up to it; the rest of such keys is skipped, however many there are.
 */
export function listPage<Item extends { readonly key: string }>(
  question: ListingQuestion<Item>,
): Listing<Item> {
  const { prefix, delimiter, limit, first = [], source } = question;
  const items: Item[] = [];
  const prefixes: string[] = [];
  let next: Listing<Item>["next"];
  if (limit === 0) return { items, prefixes, next };

  let start: Start | undefined = later(question.start, { key: prefix, isInclusive: true });
  let pending = first.filter(({ key }) => key.startsWith(prefix));
  while (start !== undefined) {
    let skipTo: Start | undefined;
    for (const item of chain(pending, source(start))) {
      if (!item.key.startsWith(prefix)) break;
      if (items.length + prefixes.length === limit) return { items, prefixes, next };
      const common = commonPrefix(item.key, prefix, delimiter);
      if (common === undefined) {
        items.push(item);
        next = { item };
      } else {
        prefixes.push(common);
        next = { prefix: common };
        skipTo = afterPrefix(common);
        break;
      }
    }
    pending = [];
    start = skipTo;
  }
  return { items, prefixes, next: undefined };
}

/** The part of the key that it is rolled up to; undefined when it is listed itself. */
export function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "" || !key.startsWith(prefix)) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** Where the keys that begin with `prefix` end; undefined when no key comes after them. */
export function afterPrefix(prefix: string): Start | undefined {
  const characters = [...prefix];
  while (characters.length > 0) {
    const last = characters.pop()?.codePointAt(0) ?? 0;
    // There are no characters between these: surrogates are not written in UTF-8.
    const following = last === 0xd7ff ? 0xe000 : last + 1;
    if (following <= 0x10ffff) {
      return { key: characters.join("") + String.fromCodePoint(following), isInclusive: true };
    }
  }
  return undefined;
}

/** The later of two starts. JavaScript compares UTF-16, whose order is another one than that of UTF-8. */
function later(a: Start, b: Start): Start {
  const order = Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
  if (order === 0) return a.isInclusive ? b : a;
  return order > 0 ? a : b;
}

function* chain<Item>(first: Iterable<Item>, second: Iterable<Item>): Generator<Item> {
  yield* first;
  yield* second;
}
