import type { Endpoint } from "../../engines/engines.ts";
import type { Document } from "../../store/document-store.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { notFound } from "../envelope.ts";

interface ReservedIpBody {
  readonly region: string;
  readonly endpoint: Endpoint;
  /** The droplet that it leads to. */
  readonly droplet?: number;
}

/** An address that is kept and moved from droplet to droplet; the document's id and name are the address. */
export type ReservedIp = Document<ReservedIpBody>;

const addressesOf = ({ store }: VendorContext) =>
  store.collection<ReservedIpBody>("do-reserved-ip");

export const listReservedIps = (cloud: VendorContext, accountId: string): ReservedIp[] =>
  addressesOf(cloud).list(accountId);

export const allReservedIps = (cloud: VendorContext): ReservedIp[] => addressesOf(cloud).all();

export function requireReservedIp(
  cloud: VendorContext,
  accountId: string,
  address: string,
): ReservedIp {
  const found = addressesOf(cloud).get(accountId, address);
  if (found === undefined) throw notFound("reserved IP");
  return found;
}

export const reservedIpsOf = (
  cloud: VendorContext,
  accountId: string,
  droplet: number,
): ReservedIp[] => listReservedIps(cloud, accountId).filter(({ body }) => body.droplet === droplet);

export const insertReservedIp = (
  cloud: VendorContext,
  accountId: string,
  body: ReservedIpBody,
): ReservedIp =>
  addressesOf(cloud).insert(accountId, {
    id: body.endpoint.host,
    name: body.endpoint.host,
    body,
  });

/** Lets the address lead to that droplet, or to none. */
export function leadTo(
  cloud: VendorContext,
  { account, id, body }: ReservedIp,
  droplet: number | undefined,
): ReservedIp {
  const { droplet: _, ...rest } = body;
  return addressesOf(cloud).update(account, id, {
    body: droplet === undefined ? rest : { ...rest, droplet },
  });
}

export const removeReservedIp = (cloud: VendorContext, { account, id }: ReservedIp): boolean =>
  addressesOf(cloud).remove(account, id);
