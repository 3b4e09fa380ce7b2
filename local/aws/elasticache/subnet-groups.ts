import type { CacheSubnetGroup } from "@aws-sdk/client-elasticache";
import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { defaultPlacement, type Placement, placementOf, subnetsIn } from "../ec2/placement.ts";
import { pageOf } from "../paging.ts";
import { invalidValue, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { tagSchema, withTags } from "../tags.ts";
import { cacheArn, collectionOf, find, type SubnetGroup } from "./documents.ts";

const DEFAULT = "default";

export const subnetGroupOperations: Operations = {
  CreateCacheSubnetGroup: operation(
    z.strictObject({
      CacheSubnetGroupName: z.string().regex(/^[a-zA-Z0-9-]{1,255}$/),
      CacheSubnetGroupDescription: z.string(),
      SubnetIds: z.array(z.string()).min(1),
      Tags: z.array(tagSchema).default([]),
    }),
    (caller, request) => {
      const name = request.CacheSubnetGroupName.toLowerCase();
      if (name === DEFAULT) throw invalidValue("The name default is reserved.");
      const placement = checkedPlacement(caller, request.SubnetIds);
      const description = request.CacheSubnetGroupDescription;
      const tags = withTags({}, request.Tags);
      try {
        const group = collectionOf(caller, "subnetgroup").insert(caller.scope, {
          id: name,
          name,
          body: { ...placement, description, tags },
        });
        return { CacheSubnetGroup: describe(caller, group) };
      } catch (error) {
        if (!(error instanceof NameTakenError)) throw error;
        throw refusal(
          "CacheSubnetGroupAlreadyExists",
          `Cache subnet group ${name} already exists.`,
        );
      }
    },
  ),
  DescribeCacheSubnetGroups: operation(
    z.strictObject({
      CacheSubnetGroupName: z.string().optional(),
      MaxRecords: z.int().min(20).max(100).optional(),
      Marker: z.string().optional(),
    }),
    (caller, { CacheSubnetGroupName: name, MaxRecords, Marker }) => {
      const groups =
        name === undefined
          ? collectionOf(caller, "subnetgroup").list(caller.scope)
          : [find(caller, "subnetgroup", name)];
      const page = pageOf(groups, { size: MaxRecords ?? 100, marker: Marker });
      return {
        CacheSubnetGroups: page.items.map((group) => describe(caller, group)),
        Marker: page.next,
      };
    },
  ),
  ModifyCacheSubnetGroup: operation(
    z.strictObject({
      CacheSubnetGroupName: z.string(),
      CacheSubnetGroupDescription: z.string().optional(),
      SubnetIds: z.array(z.string()).min(1).optional(),
    }),
    (caller, { CacheSubnetGroupName, CacheSubnetGroupDescription, SubnetIds }) => {
      const { id, body } = find(caller, "subnetgroup", CacheSubnetGroupName);
      const placement = SubnetIds === undefined ? body : checkedPlacement(caller, SubnetIds);
      if (placement.vpcId !== body.vpcId && isUsed(caller, id)) {
        throw refusal("InvalidSubnet", "The new subnets are not in the same VPC as the caches.");
      }
      const { vpcId, subnetIds } = placement;
      const description = CacheSubnetGroupDescription ?? body.description;
      const group = collectionOf(caller, "subnetgroup").update(caller.scope, id, {
        body: { ...body, vpcId, subnetIds, description },
      });
      return { CacheSubnetGroup: describe(caller, group) };
    },
  ),
  DeleteCacheSubnetGroup: operation(
    z.strictObject({ CacheSubnetGroupName: z.string() }),
    (caller, { CacheSubnetGroupName }) => {
      const { id } = find(caller, "subnetgroup", CacheSubnetGroupName);
      if (isUsed(caller, id)) {
        throw refusal(
          "CacheSubnetGroupInUse",
          `Cache subnet group ${id} is currently in use by a replication group.`,
        );
      }
      collectionOf(caller, "subnetgroup").remove(caller.scope, id);
      return {};
    },
  ),
};

/** The group of this name; without one the default VPC's, made when it is first needed. */
export function subnetGroupFor(caller: Caller, name: string | undefined): SubnetGroup {
  if (name !== undefined && name.toLowerCase() !== DEFAULT) {
    return find(caller, "subnetgroup", name);
  }
  const groups = collectionOf(caller, "subnetgroup");
  const known = groups.byName(caller.scope, DEFAULT);
  if (known !== undefined) return known;
  const placement = defaultPlacement(caller);
  if (placement === undefined) {
    throw refusal("InvalidSubnet", "There is no default VPC. Give a CacheSubnetGroupName.");
  }
  const body = { ...placement, description: "Default CacheSubnetGroup", tags: {} };
  return groups.insert(caller.scope, { id: DEFAULT, name: DEFAULT, body });
}

const isUsed = (caller: Caller, groupName: string): boolean =>
  collectionOf(caller, "replicationgroup")
    .list(caller.scope)
    .some(({ body }) => body.subnetGroup === groupName);

function checkedPlacement(caller: Caller, subnetIds: readonly string[]): Placement {
  const placement = placementOf(caller, subnetIds);
  if (placement === "no such subnet") {
    throw refusal("InvalidSubnet", "Some input subnets do not exist.");
  }
  if (placement === "several VPCs") {
    throw refusal("InvalidSubnet", "The specified subnets must all be in the same VPC.");
  }
  return placement;
}

const describe = (caller: Caller, { name, body }: SubnetGroup): CacheSubnetGroup => ({
  CacheSubnetGroupName: name,
  CacheSubnetGroupDescription: body.description,
  VpcId: body.vpcId,
  ARN: cacheArn(caller, "subnetgroup", name),
  SupportedNetworkTypes: ["ipv4"],
  Subnets: subnetsIn(caller, body).map((subnet) => ({
    SubnetIdentifier: subnet.id,
    SubnetAvailabilityZone: { Name: subnet.body.zone },
    SupportedNetworkTypes: ["ipv4"],
  })),
});
