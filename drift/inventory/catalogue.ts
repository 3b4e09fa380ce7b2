/** The vendors' tables together, each with the client that it asks; a library is loaded when it is used. */
import type { VendorAccounts } from "../vendors/accounts.ts";
import type { Listed, Product } from "./product.ts";

/** A product of one account. */
export interface Shelf {
  /** As people call the vendor: `DigitalOcean`. */
  readonly vendor: string;
  readonly types: Product<never>["types"];
  readonly thing: string;
  readonly permission: string;
  readonly list: () => Promise<readonly Listed[]>;
}

/** Every product of the accounts that a stack uses. */
export async function shelvesOf(accounts: VendorAccounts): Promise<readonly Shelf[]> {
  const { cloudflare, digitalocean, aws } = accounts;
  const shelves: Shelf[] = [];
  if (cloudflare !== undefined) {
    const { CLOUDFLARE_PRODUCTS } = await import("./cloudflare.ts");
    shelves.push(...shelved("Cloudflare", CLOUDFLARE_PRODUCTS, cloudflare));
  }
  if (digitalocean !== undefined) {
    const { DIGITALOCEAN_PRODUCTS } = await import("./digitalocean/index.ts");
    shelves.push(...shelved("DigitalOcean", DIGITALOCEAN_PRODUCTS, digitalocean));
  }
  if (aws !== undefined) {
    const { AWS_PRODUCTS } = await import("./aws/index.ts");
    const { openAwsClients } = await import("../vendors/aws.ts");
    shelves.push(...shelved("AWS", AWS_PRODUCTS, await openAwsClients(aws)));
  }
  return shelves;
}

const shelved = <A>(vendor: string, products: readonly Product<A>[], access: A): Shelf[] =>
  products.map(({ types, thing, permission, list }) => ({
    vendor,
    types,
    thing,
    permission,
    list: () => list(access),
  }));
