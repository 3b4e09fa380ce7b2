import type { Document } from "../../store/document-store.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { type Droplet, findDroplet, listDroplets, numberOf } from "../droplets/records.ts";
import { notFound } from "../envelope.ts";

/** Where a rule lets come from, or go to. */
export interface Peers {
  /** Addresses and CIDRs. */
  readonly addresses?: readonly string[] | undefined;
  readonly droplet_ids?: readonly number[] | undefined;
  readonly tags?: readonly string[] | undefined;
}

interface Rule {
  readonly protocol: "tcp" | "udp" | "icmp";
  /** `5432`, `8000-9000`, or `0` for all, as the vendor answers. */
  readonly ports: string;
}

export type InboundRule = Rule & { readonly sources: Peers };
export type OutboundRule = Rule & { readonly destinations: Peers };

export interface FirewallBody {
  readonly inboundRules: readonly InboundRule[];
  readonly outboundRules: readonly OutboundRule[];
  readonly dropletIds: readonly number[];
  readonly tags: readonly string[];
}

/** A firewall; the document's name is the firewall's. */
export type Firewall = Document<FirewallBody>;

export const firewallsOf = ({ store }: VendorContext) =>
  store.collection<FirewallBody>("do-firewall");

export function requireFirewall(cloud: VendorContext, accountId: string, id: string): Firewall {
  const firewall = firewallsOf(cloud).get(accountId, id);
  if (firewall === undefined) throw notFound("firewall");
  return firewall;
}

/** The firewalls before a droplet: those that name it or one of its tags. */
export function firewallsBefore(cloud: VendorContext, droplet: Droplet): Firewall[] {
  return firewallsOf(cloud)
    .list(droplet.account)
    .filter(
      ({ body }) =>
        body.dropletIds.includes(numberOf(droplet)) ||
        body.tags.some((tag) => droplet.body.tags.includes(tag)),
    );
}

/**
 * From where the droplet's TCP port is reached, as addresses and CIDRs; undefined when no firewall is
 * before the droplet. Several firewalls let in what any of them does.
 */
export function sourcesOf(
  cloud: VendorContext,
  droplet: Droplet,
  port: number,
): string[] | undefined {
  const firewalls = firewallsBefore(cloud, droplet);
  if (firewalls.length === 0) return undefined;
  return firewalls
    .flatMap(({ body }) => body.inboundRules)
    .filter(({ protocol, ports }) => protocol === "tcp" && includesPort(ports, port))
    .flatMap(({ sources }) => addressesOf(cloud, droplet.account, sources));
}

/** Takes a droplet that is gone out of all firewalls. */
export function forgetDroplet(cloud: VendorContext, droplet: Droplet): void {
  const number = numberOf(droplet);
  for (const { account, id, body } of firewallsOf(cloud).list(droplet.account)) {
    if (!body.dropletIds.includes(number)) continue;
    const dropletIds = body.dropletIds.filter((other) => other !== number);
    firewallsOf(cloud).update(account, id, { body: { ...body, dropletIds } });
  }
}

function includesPort(ports: string, port: number): boolean {
  const [first = 0, last = first] = ports.split("-").map(Number);
  return ports === "0" || (first <= port && port <= last);
}

function addressesOf(cloud: VendorContext, accountId: string, peers: Peers): string[] {
  const { addresses = [], droplet_ids: numbers = [], tags = [] } = peers;
  const droplets = [
    ...numbers.flatMap((number) => findDroplet(cloud, accountId, number) ?? []),
    ...listDroplets(cloud, accountId).filter(({ body }) =>
      tags.some((tag) => body.tags.includes(tag)),
    ),
  ];
  const own = droplets.flatMap(({ body }) => [body.endpoint.host, body.privateAddress]);
  return [...addresses, ...own];
}
