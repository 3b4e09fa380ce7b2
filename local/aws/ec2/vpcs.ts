import type { NetworkAcl, RouteTable, Vpc as VpcAnswer } from "@aws-sdk/client-ec2";
import { z } from "zod";
import type { Caller } from "../caller.ts";
import { type Facts, factsOfTags, filterSchema, select } from "../filters.ts";
import { pageOf } from "../paging.ts";
import { invalidCombination, invalidValue, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { tagList } from "../tags.ts";
import { formatBlock, parseIpv4Block } from "./cidr.ts";
import { openRegion } from "./default-network.ts";
import { deleteGroup, insertVpc, subnetsOf } from "./network.ts";
import { collectionOf, find, findAll, type Vpc } from "./resources.ts";
import { tagSpecificationsSchema, tagsFrom } from "./tags.ts";

const DESCRIPTION = {
  Filters: filterSchema,
  MaxResults: z.int().min(5).max(1000).optional(),
  NextToken: z.string().optional(),
  DryRun: z.literal(false).optional(),
};

/** VPCs, and of their route tables and network ACLs the ones that the vendor makes with each. */
export const vpcOperations: Operations = {
  CreateVpc: operation(
    z.strictObject({
      CidrBlock: z.string(),
      InstanceTenancy: z.literal("default").optional(),
      AmazonProvidedIpv6CidrBlock: z.literal(false).optional(),
      TagSpecifications: tagSpecificationsSchema,
      DryRun: z.literal(false).optional(),
    }),
    (caller, { CidrBlock, TagSpecifications }) => {
      const block = parseIpv4Block(CidrBlock);
      if (block === undefined) {
        throw invalidValue(
          `Value (${CidrBlock}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
        );
      }
      if (block.prefix < 16 || block.prefix > 28) {
        throw refusal(
          "InvalidVpc.Range",
          `The CIDR '${CidrBlock}' is invalid. Its length must be between /16 and /28.`,
        );
      }
      const tags = tagsFrom(TagSpecifications, "vpc");
      const dhcpOptionsId = openRegion(caller);
      const vpc = caller.cloud.store.transaction(() =>
        insertVpc(caller, {
          cidr: formatBlock(block),
          isDefault: false,
          dnsHostnames: false,
          dhcpOptionsId,
          tags,
        }),
      );
      return { Vpc: describe(caller, vpc) };
    },
  ),
  DescribeVpcs: operation(
    z.strictObject({ VpcIds: z.array(z.string()).optional(), ...DESCRIPTION }),
    (caller, { VpcIds, Filters, MaxResults, NextToken }) => {
      openRegion(caller);
      const found = select(findAll(caller, "vpc", VpcIds), Filters, factsOf);
      const page = pageOf(found, { size: MaxResults, marker: NextToken });
      return { Vpcs: page.items.map((vpc) => describe(caller, vpc)), NextToken: page.next };
    },
  ),
  DescribeVpcAttribute: operation(
    z.strictObject({
      VpcId: z.string(),
      Attribute: z.enum([
        "enableDnsSupport",
        "enableDnsHostnames",
        "enableNetworkAddressUsageMetrics",
      ]),
      DryRun: z.literal(false).optional(),
    }),
    (caller, { VpcId, Attribute }) => {
      const { body } = find(caller, "vpc", VpcId);
      const attributes = {
        enableDnsSupport: { EnableDnsSupport: { Value: body.dnsSupport } },
        enableDnsHostnames: { EnableDnsHostnames: { Value: body.dnsHostnames } },
        enableNetworkAddressUsageMetrics: {
          EnableNetworkAddressUsageMetrics: { Value: body.usageMetrics },
        },
      };
      return { VpcId, ...attributes[Attribute] };
    },
  ),
  ModifyVpcAttribute: operation(
    z.strictObject({
      VpcId: z.string(),
      EnableDnsSupport: z.strictObject({ Value: z.boolean() }).optional(),
      EnableDnsHostnames: z.strictObject({ Value: z.boolean() }).optional(),
      EnableNetworkAddressUsageMetrics: z.strictObject({ Value: z.boolean() }).optional(),
    }),
    (caller, { VpcId, ...attributes }) => {
      if (Object.keys(attributes).length !== 1) {
        throw invalidCombination("Exactly one attribute of a VPC can be changed in a request.");
      }
      const { body } = find(caller, "vpc", VpcId);
      const {
        EnableDnsSupport: support,
        EnableDnsHostnames: hostnames,
        EnableNetworkAddressUsageMetrics: metrics,
      } = attributes;
      collectionOf(caller, "vpc").update(caller.scope, VpcId, {
        body: {
          ...body,
          dnsSupport: support?.Value ?? body.dnsSupport,
          dnsHostnames: hostnames?.Value ?? body.dnsHostnames,
          usageMetrics: metrics?.Value ?? body.usageMetrics,
        },
      });
      return {};
    },
  ),
  DeleteVpc: operation(
    z.strictObject({ VpcId: z.string(), DryRun: z.literal(false).optional() }),
    (caller, { VpcId }) => {
      const vpc = find(caller, "vpc", VpcId);
      const groups = collectionOf(caller, "sg")
        .list(caller.scope)
        .filter(({ body }) => body.vpcId === VpcId);
      const hasGroups = groups.some(({ id }) => id !== vpc.body.defaultGroupId);
      if (hasGroups || subnetsOf(caller, VpcId).length > 0) {
        throw refusal(
          "DependencyViolation",
          `The vpc '${VpcId}' has dependencies and cannot be deleted.`,
        );
      }
      caller.cloud.store.transaction(() => {
        deleteGroup(caller, vpc.body.defaultGroupId);
        collectionOf(caller, "vpc").remove(caller.scope, VpcId);
      });
      return {};
    },
  ),
  DescribeRouteTables: operation(
    z.strictObject({ RouteTableIds: z.array(z.string()).optional(), ...DESCRIPTION }),
    (caller, { RouteTableIds, Filters, MaxResults, NextToken }) => {
      openRegion(caller);
      const all = collectionOf(caller, "vpc").list(caller.scope);
      const missing = RouteTableIds?.find(
        (id) => !all.some(({ body }) => body.mainRouteTableId === id),
      );
      if (missing !== undefined) {
        throw refusal(
          "InvalidRouteTableID.NotFound",
          `The routeTable ID '${missing}' does not exist`,
        );
      }
      const found = select(
        all.filter(({ body }) => RouteTableIds?.includes(body.mainRouteTableId) ?? true),
        Filters,
        ({ id, body }) => ({
          "vpc-id": [id],
          "route-table-id": [body.mainRouteTableId],
          "association.main": [true],
          "association.route-table-association-id": [body.mainRouteTableAssociationId],
          // No subnet is associated with a table of its own; all follow the main one.
          "association.subnet-id": [],
          "association.gateway-id": [],
        }),
      );
      const page = pageOf(found, { size: MaxResults, marker: NextToken });
      return {
        RouteTables: page.items.map((vpc) => mainRouteTable(caller, vpc)),
        NextToken: page.next,
      };
    },
  ),
  DescribeNetworkAcls: operation(
    z.strictObject({ NetworkAclIds: z.array(z.string()).optional(), ...DESCRIPTION }),
    (caller, { NetworkAclIds, Filters, MaxResults, NextToken }) => {
      openRegion(caller);
      const all = collectionOf(caller, "vpc").list(caller.scope);
      const missing = NetworkAclIds?.find(
        (id) => !all.some(({ body }) => body.networkAclId === id),
      );
      if (missing !== undefined) {
        throw refusal(
          "InvalidNetworkAclID.NotFound",
          `The networkAcl ID '${missing}' does not exist`,
        );
      }
      const found = select(
        all.filter(({ body }) => NetworkAclIds?.includes(body.networkAclId) ?? true),
        Filters,
        ({ id, body }) => ({
          "vpc-id": [id],
          "network-acl-id": [body.networkAclId],
          default: [true],
          "association.subnet-id": subnetsOf(caller, id).map((subnet) => subnet.id),
        }),
      );
      const page = pageOf(found, { size: MaxResults, marker: NextToken });
      return {
        NetworkAcls: page.items.map((vpc) => defaultNetworkAcl(caller, vpc)),
        NextToken: page.next,
      };
    },
  ),
};

const factsOf = ({ id, body }: Vpc): Facts => ({
  "vpc-id": [id],
  cidr: [body.cidr],
  "cidr-block": [body.cidr],
  "cidr-block-association.cidr-block": [body.cidr],
  "dhcp-options-id": [body.dhcpOptionsId],
  "is-default": [body.isDefault],
  isDefault: [body.isDefault],
  state: ["available"],
  ...factsOfTags(body.tags),
});

const describe = ({ accountId }: Caller, { id, body }: Vpc): VpcAnswer => ({
  VpcId: id,
  OwnerId: accountId,
  State: "available",
  CidrBlock: body.cidr,
  CidrBlockAssociationSet: [
    {
      AssociationId: body.cidrAssociationId,
      CidrBlock: body.cidr,
      CidrBlockState: { State: "associated" },
    },
  ],
  DhcpOptionsId: body.dhcpOptionsId,
  InstanceTenancy: "default",
  IsDefault: body.isDefault,
  Tags: tagList(body.tags),
});

const mainRouteTable = ({ accountId }: Caller, { id, body }: Vpc): RouteTable => ({
  RouteTableId: body.mainRouteTableId,
  VpcId: id,
  OwnerId: accountId,
  Associations: [
    {
      Main: true,
      RouteTableAssociationId: body.mainRouteTableAssociationId,
      RouteTableId: body.mainRouteTableId,
      AssociationState: { State: "associated" },
    },
  ],
  Routes: [
    {
      DestinationCidrBlock: body.cidr,
      GatewayId: "local",
      Origin: "CreateRouteTable",
      State: "active",
    },
  ],
  PropagatingVgws: [],
  Tags: [],
});

const EVERYWHERE = "0.0.0.0/0";

const defaultNetworkAcl = (caller: Caller, { id, body }: Vpc): NetworkAcl => ({
  NetworkAclId: body.networkAclId,
  VpcId: id,
  OwnerId: caller.accountId,
  IsDefault: true,
  Associations: subnetsOf(caller, id).map((subnet) => ({
    NetworkAclAssociationId: subnet.body.aclAssociationId,
    NetworkAclId: body.networkAclId,
    SubnetId: subnet.id,
  })),
  Entries: [true, false].flatMap((Egress) => [
    { CidrBlock: EVERYWHERE, Egress, Protocol: "-1", RuleAction: "allow", RuleNumber: 100 },
    { CidrBlock: EVERYWHERE, Egress, Protocol: "-1", RuleAction: "deny", RuleNumber: 32767 },
  ]),
  Tags: [],
});
