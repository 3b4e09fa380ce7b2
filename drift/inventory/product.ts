/** How a vendor's product is listed: one line of a vendor's table. */

/** Something at a vendor, under the id by which Pulumi's state would have it. */
export interface Item {
  readonly id: string;
  /** What people call it; the id where it has no name. */
  readonly name: string;
  /** Any form that `Date` reads; undefined where the vendor does not tell. */
  readonly createdAt?: string | Date | undefined;
  /** What it ends with, such as the cluster that a database is in. */
  readonly within?: Owner | undefined;
  /** Resources of other types that own it as well: what makes a database by SQL. */
  readonly alsoOwnedAs?: readonly Owner[] | undefined;
}

/** A resource's type token, and the id that its state has. */
export interface Owner {
  readonly type: string;
  readonly id: string;
}

/** What a thing says of itself, by names in lower case: `environment`, `project`. */
export type Labels = Readonly<Record<string, string>>;

/** Something that is there by itself, or before any stack, and that none is to own. */
interface VendorDefault<A, R> {
  /** One sentence. */
  readonly because: string;
  readonly fits: (found: R, access: A) => boolean;
}

/**
 * One product, by what its API answers (`R`).
 *
 * Every function throws the error of the vendor's client.
 */
interface ProductSpec<A, R> {
  /** Type token by which it would be imported, then further ones that own such a thing. */
  readonly types: readonly [string, ...string[]];
  /** In the singular: `D1 database`. */
  readonly thing: string;
  /** What the stack's credentials need for the list: completes "Give the credentials …". */
  readonly permission: string;
  /** The whole list, page after page. */
  readonly list: (access: A) => Promise<readonly R[]>;
  readonly item: (found: R) => Item;
  /** What `pulumi import` takes. Default: the id. */
  readonly importId?: (access: A, found: R) => string | Promise<string>;
  /** Asked only for what no stack owns. Default: none. */
  readonly labels?: (access: A, found: R) => Labels | Promise<Labels>;
  /** What would be lost with it, in words: `objects`; undefined: nothing. Default: nothing. */
  readonly holds?: (access: A, found: R) => string | undefined | Promise<string | undefined>;
  /** Deletes it, with all that it holds. */
  readonly remove: (access: A, found: R) => Promise<unknown>;
  /** What is not looked at. */
  readonly defaults?: readonly VendorDefault<A, R>[];
}

/** One thing in an account. */
export interface Listed extends Item {
  /** Why no stack is to own it; undefined: one is. */
  readonly expected: string | undefined;
  readonly importId: () => Promise<string>;
  readonly labels: () => Promise<Labels>;
  readonly holds: () => Promise<string | undefined>;
  readonly remove: () => Promise<void>;
}

/** A product, whatever its API answers. */
export interface Product<A> {
  readonly types: readonly [string, ...string[]];
  readonly thing: string;
  readonly permission: string;
  readonly defaults: readonly string[];
  readonly list: (access: A) => Promise<readonly Listed[]>;
}

/** How a vendor's table writes its lines: the type of the answers is inferred for each. */
export const productsOf =
  <A>() =>
  <R>(spec: ProductSpec<A, R>): Product<A> =>
    product(spec);

function product<A, R>(spec: ProductSpec<A, R>): Product<A> {
  const { types, thing, permission, defaults = [] } = spec;
  return {
    types,
    thing,
    permission,
    defaults: defaults.map(({ because }) => because),
    async list(access) {
      return (await spec.list(access)).map((found) => {
        const item = spec.item(found);
        return {
          ...item,
          expected: defaults.find(({ fits }) => fits(found, access))?.because,
          importId: async () => (await spec.importId?.(access, found)) ?? item.id,
          labels: async () => (await spec.labels?.(access, found)) ?? {},
          holds: async () => spec.holds?.(access, found),
          remove: async () => void (await spec.remove(access, found)),
        };
      });
    },
  };
}

/** Every item of an SDK's pages. */
export async function collected<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}
