import type { Endpoint } from "../../engines/engines.ts";
import type { Document } from "../../store/document-store.ts";
import type { Sealed } from "../../store/vault.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { notFound } from "../envelope.ts";

export interface DropletBody {
  readonly name: string;
  readonly region: string;
  readonly size: string;
  /** GiB; a resize may leave it as it is. */
  readonly disk: number;
  readonly image: string;
  readonly vpcId: string;
  readonly privateAddress: string;
  /** Public address, and where its database server listens if it has one. */
  readonly endpoint: Endpoint;
  readonly tags: readonly string[];
  readonly sshKeys: readonly string[];
  /** The two are told back and nothing else: no agent reports, and no backup is taken. */
  readonly monitoring: boolean;
  readonly backups: boolean;
  /** No API shows it again. */
  readonly userData?: Sealed;
  /** Whether the machine is to run. */
  readonly isOn: boolean;
  /** What the API shows: `new` until the machine has carried out its user data once. */
  readonly status: "new" | "active" | "off";
}

/** A droplet; the document's id and name are its number, since names are not unique. */
export type Droplet = Document<DropletBody>;

const dropletsOf = ({ store }: VendorContext) => store.collection<DropletBody>("do-droplet");

export const listDroplets = (cloud: VendorContext, accountId: string): Droplet[] =>
  dropletsOf(cloud).list(accountId);

export const allDroplets = (cloud: VendorContext): Droplet[] => dropletsOf(cloud).all();

export const findDroplet = (
  cloud: VendorContext,
  accountId: string,
  number: number | string,
): Droplet | undefined => dropletsOf(cloud).get(accountId, String(number));

export function requireDroplet(
  cloud: VendorContext,
  accountId: string,
  number: number | string,
): Droplet {
  const droplet = findDroplet(cloud, accountId, number);
  if (droplet === undefined) throw notFound("droplet");
  return droplet;
}

export const numberOf = ({ id }: Droplet): number => Number(id);

export const insertDroplet = (
  cloud: VendorContext,
  accountId: string,
  number: number,
  body: DropletBody,
): Droplet =>
  dropletsOf(cloud).insert(accountId, { id: String(number), name: String(number), body });

export function updateDroplet(
  cloud: VendorContext,
  { account, id, body }: Droplet,
  change: Partial<DropletBody>,
): Droplet {
  return dropletsOf(cloud).update(account, id, { body: { ...body, ...change } });
}

export const removeDroplet = (cloud: VendorContext, { account, id }: Droplet): boolean =>
  dropletsOf(cloud).remove(account, id);
