import type { Caller } from "../caller.ts";
import { defaultVpc } from "./default-network.ts";
import { subnetsOf } from "./network.ts";
import { collectionOf, type Subnet } from "./resources.ts";
import { rulesOf } from "./rules.ts";

/** What another service's servers are placed by; each refuses in its own words. */
export interface Placement {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
}

/** The subnets as a group, or why they are none: an id that there is not, or several VPCs. */
export function placementOf(
  caller: Caller,
  subnetIds: readonly string[],
): Placement | "no such subnet" | "several VPCs" {
  const subnets = subnetIds.map((id) => collectionOf(caller, "subnet").get(caller.scope, id));
  const [first] = subnets;
  if (first === undefined || subnets.includes(undefined)) return "no such subnet";
  const { vpcId } = first.body;
  return subnets.some((subnet) => subnet?.body.vpcId !== vpcId)
    ? "several VPCs"
    : { vpcId, subnetIds };
}

/** The default VPC's subnets; undefined when the account has deleted it. */
export function defaultPlacement(caller: Caller): Placement | undefined {
  const vpc = defaultVpc(caller);
  if (vpc === undefined) return undefined;
  return { vpcId: vpc.id, subnetIds: subnetsOf(caller, vpc.id).map(({ id }) => id) };
}

/** Those of a placement's subnets that are still there. */
export const subnetsIn = (caller: Caller, { subnetIds }: Placement): Subnet[] =>
  subnetIds.flatMap((id) => collectionOf(caller, "subnet").get(caller.scope, id) ?? []);

/** The security groups of a server in this VPC, by default the VPC's own; or the id that is not one of the VPC's. */
export function groupsFor(
  caller: Caller,
  vpcId: string,
  groupIds: readonly string[] | undefined,
): { readonly groupIds: readonly string[] } | { readonly unusable: string } {
  const vpc = collectionOf(caller, "vpc").get(caller.scope, vpcId);
  if (groupIds === undefined || groupIds.length === 0) {
    return { groupIds: vpc === undefined ? [] : [vpc.body.defaultGroupId] };
  }
  const groups = collectionOf(caller, "sg");
  const unusable = groupIds.find((id) => groups.get(caller.scope, id)?.body.vpcId !== vpcId);
  return unusable === undefined ? { groupIds } : { unusable };
}

/**
 * The ranges that security groups let reach a TCP port. What they let members of another group reach adds
 * nothing here: no server of the local cloud has an address in a VPC.
 */
export function rangesLetIn(caller: Caller, groupIds: readonly string[], port: number): string[] {
  const ranges = groupIds
    .flatMap((id) => rulesOf(caller, id))
    .filter(({ body }) => {
      if (body.isEgress) return false;
      if (body.protocol === "-1") return true;
      return body.protocol === "tcp" && body.fromPort <= port && port <= body.toPort;
    })
    .flatMap(({ body: { peer } }) => {
      if ("cidrIpv4" in peer) return [peer.cidrIpv4];
      return "cidrIpv6" in peer ? [peer.cidrIpv6] : [];
    });
  return [...new Set(ranges)];
}
