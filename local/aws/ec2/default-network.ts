import type { Caller } from "../caller.ts";
import { zonesOf } from "../regions.ts";
import { formatBlock, partOf } from "./cidr.ts";
import { insertSubnet, insertVpc } from "./network.ts";
import { collectionOf, newId, type Vpc } from "./resources.ts";

/** What is kept about a region that an account has used. */
interface RegionBody {
  readonly dhcpOptionsId: string;
}

/** The vendor's default VPC, with a subnet in every zone. */
const VPC_BLOCK = { start: 172 * 2 ** 24 + 31 * 2 ** 16, prefix: 16 };
const SUBNET_PREFIX = 20;

/**
 * Makes what an account finds in a region that it has not used before: DHCP options and a default VPC.
 * What it deletes of that stays deleted. Answers the id of the DHCP options.
 */
export function openRegion(caller: Caller): string {
  const { cloud, scope, region } = caller;
  const opened = cloud.store.collection<RegionBody>("ec2-region");
  const known = opened.get(scope, region);
  if (known !== undefined) return known.body.dhcpOptionsId;
  const dhcpOptionsId = newId("dopt");
  cloud.store.transaction(() => {
    opened.insert(scope, { id: region, name: region, body: { dhcpOptionsId } });
    const vpc = insertVpc(caller, {
      cidr: formatBlock(VPC_BLOCK),
      isDefault: true,
      dnsHostnames: true,
      dhcpOptionsId,
      tags: {},
    });
    zonesOf(region).forEach((zone, index) => {
      insertSubnet(caller, {
        vpcId: vpc.id,
        cidr: formatBlock(partOf(VPC_BLOCK, SUBNET_PREFIX, index)),
        zone,
        isDefaultForZone: true,
        mapPublicIp: true,
        tags: {},
      });
    });
  });
  return dhcpOptionsId;
}

/** The region's default VPC, unless the account has deleted it. */
export function defaultVpc(caller: Caller): Vpc | undefined {
  openRegion(caller);
  return collectionOf(caller, "vpc")
    .list(caller.scope)
    .find(({ body }) => body.isDefault);
}
