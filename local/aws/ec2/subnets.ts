import type { Subnet as SubnetAnswer } from "@aws-sdk/client-ec2";
import { z } from "zod";
import { arnOf, type Caller } from "../caller.ts";
import { type Facts, factsOfTags, filterSchema, select } from "../filters.ts";
import { pageOf } from "../paging.ts";
import { invalidCombination, invalidValue, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { zoneIdOf, zonesOf } from "../regions.ts";
import { tagList } from "../tags.ts";
import {
  contains,
  formatBlock,
  type Ipv4Block,
  overlap,
  parseIpv4Block,
  usableAddresses,
} from "./cidr.ts";
import { openRegion } from "./default-network.ts";
import { usersOf } from "./interfaces.ts";
import { insertSubnet, subnetsOf } from "./network.ts";
import { collectionOf, find, findAll, type Subnet } from "./resources.ts";
import { tagSpecificationsSchema, tagsFrom } from "./tags.ts";

export const subnetOperations: Operations = {
  CreateSubnet: operation(
    z.strictObject({
      VpcId: z.string(),
      CidrBlock: z.string(),
      AvailabilityZone: z.string().optional(),
      AvailabilityZoneId: z.string().optional(),
      TagSpecifications: tagSpecificationsSchema,
      DryRun: z.literal(false).optional(),
    }),
    (caller, request) => {
      const block = checkBlock(caller, request.VpcId, request.CidrBlock);
      const subnet = insertSubnet(caller, {
        vpcId: request.VpcId,
        cidr: formatBlock(block),
        zone: zoneFor(caller, request.AvailabilityZone, request.AvailabilityZoneId),
        isDefaultForZone: false,
        mapPublicIp: false,
        tags: tagsFrom(request.TagSpecifications, "subnet"),
      });
      return { Subnet: describe(caller, subnet) };
    },
  ),
  DescribeSubnets: operation(
    z.strictObject({
      SubnetIds: z.array(z.string()).optional(),
      Filters: filterSchema,
      MaxResults: z.int().min(5).max(1000).optional(),
      NextToken: z.string().optional(),
      DryRun: z.literal(false).optional(),
    }),
    (caller, { SubnetIds, Filters, MaxResults, NextToken }) => {
      openRegion(caller);
      const found = select(findAll(caller, "subnet", SubnetIds), Filters, factsOf);
      const page = pageOf(found, { size: MaxResults, marker: NextToken });
      return {
        Subnets: page.items.map((subnet) => describe(caller, subnet)),
        NextToken: page.next,
      };
    },
  ),
  ModifySubnetAttribute: operation(
    z.strictObject({
      SubnetId: z.string(),
      MapPublicIpOnLaunch: z.strictObject({ Value: z.boolean() }),
    }),
    (caller, { SubnetId, MapPublicIpOnLaunch }) => {
      const { body } = find(caller, "subnet", SubnetId);
      collectionOf(caller, "subnet").update(caller.scope, SubnetId, {
        body: { ...body, mapPublicIp: MapPublicIpOnLaunch.Value },
      });
      return {};
    },
  ),
  DeleteSubnet: operation(
    z.strictObject({ SubnetId: z.string(), DryRun: z.literal(false).optional() }),
    (caller, { SubnetId }) => {
      find(caller, "subnet", SubnetId);
      if (usersOf(caller, SubnetId).length > 0) {
        throw refusal(
          "DependencyViolation",
          `The subnet '${SubnetId}' has dependencies and cannot be deleted.`,
        );
      }
      collectionOf(caller, "subnet").remove(caller.scope, SubnetId);
      return {};
    },
  ),
};

/** The block of a new subnet: in the VPC's, of a length that the vendor has, and nobody else's. */
function checkBlock(caller: Caller, vpcId: string, cidr: string): Ipv4Block {
  const vpc = find(caller, "vpc", vpcId);
  const block = parseIpv4Block(cidr);
  if (block === undefined) {
    throw invalidValue(
      `Value (${cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  }
  const outer = parseIpv4Block(vpc.body.cidr);
  if (block.prefix > 28 || outer === undefined || !contains(outer, block)) {
    throw refusal("InvalidSubnet.Range", `The CIDR '${cidr}' is invalid.`);
  }
  for (const { body } of subnetsOf(caller, vpcId)) {
    const other = parseIpv4Block(body.cidr);
    if (other !== undefined && overlap(other, block)) {
      throw refusal("InvalidSubnet.Conflict", `The CIDR '${cidr}' conflicts with another subnet`);
    }
  }
  return block;
}

function zoneFor({ region }: Caller, zone: string | undefined, zoneId: string | undefined): string {
  const zones = zonesOf(region);
  if (zone !== undefined && zoneId !== undefined) {
    throw invalidCombination("Only one of AvailabilityZone and AvailabilityZoneId can be given.");
  }
  const found = zones.find((candidate) =>
    zoneId === undefined ? candidate === (zone ?? zones[0]) : zoneIdOf(candidate) === zoneId,
  );
  if (found !== undefined) return found;
  throw invalidValue(
    `Value (${zone ?? zoneId}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.join(", ")}.`,
  );
}

const factsOf = ({ id, body }: Subnet): Facts => ({
  "subnet-id": [id],
  "vpc-id": [body.vpcId],
  cidr: [body.cidr],
  "cidr-block": [body.cidr],
  cidrBlock: [body.cidr],
  "availability-zone": [body.zone],
  availabilityZone: [body.zone],
  "availability-zone-id": [zoneIdOf(body.zone)],
  "default-for-az": [body.isDefaultForZone],
  defaultForAz: [body.isDefaultForZone],
  "map-public-ip-on-launch": [body.mapPublicIp],
  state: ["available"],
  ...factsOfTags(body.tags),
});

function describe(caller: Caller, { id, body }: Subnet): SubnetAnswer {
  const block = parseIpv4Block(body.cidr);
  return {
    SubnetId: id,
    SubnetArn: arnOf(caller, "ec2", `subnet/${id}`),
    VpcId: body.vpcId,
    OwnerId: caller.accountId,
    State: "available",
    CidrBlock: body.cidr,
    AvailabilityZone: body.zone,
    AvailabilityZoneId: zoneIdOf(body.zone),
    AvailableIpAddressCount: block === undefined ? 0 : usableAddresses(block),
    DefaultForAz: body.isDefaultForZone,
    MapPublicIpOnLaunch: body.mapPublicIp,
    AssignIpv6AddressOnCreation: false,
    EnableDns64: false,
    Ipv6Native: false,
    Ipv6CidrBlockAssociationSet: [],
    MapCustomerOwnedIpOnLaunch: false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: "ip-name",
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    Tags: tagList(body.tags),
  };
}
