/** What can be done with a thing that no stack owns. */
import type { VendorAccounts } from "../vendors/accounts.ts";
import { shelvesOf } from "./catalogue.ts";
import { failureOf } from "./failure.ts";
import type { Listed } from "./product.ts";

/** A thing cannot be imported or removed: one sentence of why, one of what to do. */
export class InventoryError extends Error {
  override readonly name = "InventoryError";
}

export interface RemovalOptions {
  /** Whether what it holds may be lost with it. Default: a thing that holds data is kept. */
  readonly withData?: boolean;
}

/**
 * Deletes a thing by the vendor's API. Vendors delete servers in the background, so that it may be
 * listed for some minutes more.
 *
 * @param type token and `id`, as a finding's subject has them.
 * @throws InventoryError when it is not there, is the vendor's own, holds data, or the vendor refuses.
 */
export async function removeUnmanaged(
  accounts: VendorAccounts,
  type: string,
  id: string,
  { withData = false }: RemovalOptions = {},
): Promise<void> {
  const { found, thing, vendor } = await find(accounts, type, id);
  if (found.expected !== undefined)
    throw new InventoryError(`The ${thing} ${found.name} is not to be removed: ${found.expected}`);
  const attempt = `The ${thing} ${found.name} could not be removed from ${vendor}`;
  const holds = withData ? undefined : await said(attempt, found.holds());
  if (holds !== undefined)
    throw new InventoryError(
      `The ${thing} ${found.name} holds ${holds}, which nobody could bring back. ` +
        "Copy what is needed, and ask for the removal with its data.",
    );
  await said(attempt, found.remove());
}

/**
 * What `pulumi import TYPE NAME …` takes for a thing.
 *
 * @throws InventoryError when it is not there, or the vendor refuses.
 */
export async function importIdOf(
  accounts: VendorAccounts,
  type: string,
  id: string,
): Promise<string> {
  const { found, thing, vendor } = await find(accounts, type, id);
  return said(`The ${thing} ${found.name} could not be looked at at ${vendor}`, found.importId());
}

async function find(
  accounts: VendorAccounts,
  type: string,
  id: string,
): Promise<{ readonly found: Listed; readonly thing: string; readonly vendor: string }> {
  const shelf = (await shelvesOf(accounts)).find(({ types }) => types.includes(type));
  if (shelf === undefined)
    throw new InventoryError(
      `Things of type ${type} cannot be handled here, or the stack has no account for them. ` +
        "Use the vendor's own tools.",
    );
  const { thing, vendor } = shelf;
  const all = await said(`${vendor} could not be asked for the ${thing} ${id}`, shelf.list());
  const found = all.find((each) => each.id === id);
  if (found === undefined)
    throw new InventoryError(
      `${vendor} has no ${thing} ${id} in the stack's account. Run \`npx bulkhead drift\` again to see what is there.`,
    );
  return { found, thing, vendor };
}

async function said<T>(attempt: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const failure = failureOf(cause);
    const remedy = failure.remedy ?? "Remove what uses it first, or use the vendor's own tools.";
    throw new InventoryError(`${attempt}: ${failure.said}. ${remedy}`, { cause });
  }
}
