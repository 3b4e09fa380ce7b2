import type { Document } from "../../store/document-store.ts";
import { dnsLabel } from "../dns-label.ts";
import { ApiError } from "../envelope.ts";
import { hexId } from "../identifiers.ts";
import type { CloudContext } from "../service.ts";

/** A DNS zone: the domain whose host names one account may use. */
export interface Zone {
  readonly id: string;
  /** The apex domain, e.g. `staging.bulkhead.example`. */
  readonly name: string;
  readonly accountId: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** Which zone is meant: by id, by name, or as the one that a host name lies in. */
export interface ZoneSelector {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly hostname?: string | undefined;
}

/** Reserved for examples by RFC 2606, so no real host is ever meant. */
const PARENT_DOMAIN = "bulkhead.example";

const zonesOf = ({ store }: CloudContext) => store.collection<Record<string, never>>("zone");

const toZone = ({ id, name, account, createdAt }: Document<unknown>): Zone => ({
  id,
  name,
  accountId: account,
  createdAt,
});

/** Makes the account's zone when it has none. */
export function ensureZone(cloud: CloudContext, accountId: string, environment: string): Zone {
  const [existing] = listZones(cloud, accountId);
  if (existing !== undefined) return existing;
  return toZone(
    zonesOf(cloud).insert(accountId, {
      id: hexId(),
      name: freeName(cloud, accountId, environment),
      body: {},
    }),
  );
}

export const listZones = (cloud: CloudContext, accountId: string): Zone[] =>
  zonesOf(cloud).list(accountId).map(toZone);

/** The account's zone that every given part of `selector` fits. */
export function findZone(
  cloud: CloudContext,
  accountId: string,
  { id, name, hostname }: ZoneSelector,
): Zone | undefined {
  return listZones(cloud, accountId).find(
    (zone) =>
      (id ?? zone.id) === zone.id &&
      (name ?? zone.name).toLowerCase() === zone.name &&
      isWithin(hostname ?? zone.name, zone.name),
  );
}

/** The one zone of all accounts that a host name lies in. */
export const findZoneOfHost = (cloud: CloudContext, hostname: string): Zone | undefined =>
  zonesOf(cloud)
    .all()
    .map(toZone)
    .find((zone) => isWithin(hostname, zone.name));

/** The account's zone with this id, or the vendor's one answer for foreign and for unknown zones. */
export function requireZone(cloud: CloudContext, accountId: string, id: string): Zone {
  const zone = findZone(cloud, accountId, { id });
  if (zone === undefined) {
    throw new ApiError(403, 9109, "Unauthorized to access requested resource");
  }
  return zone;
}

/** Whether a host name is the domain or lies in it. */
export function isWithin(hostname: string, domain: string): boolean {
  const host = hostname.toLowerCase();
  return host === domain || host.endsWith(`.${domain}`);
}

/** No zone lies within another's, production's included, so that no host name fits two environments. */
function freeName(cloud: CloudContext, accountId: string, environment: string): string {
  const label = dnsLabel(environment);
  const name = `${label}.${PARENT_DOMAIN}`;
  const isTaken = zonesOf(cloud)
    .all()
    .some((zone) => zone.name === name);
  return isTaken ? `${label}-${accountId.slice(0, 8)}.${PARENT_DOMAIN}` : name;
}
