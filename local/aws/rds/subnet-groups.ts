import type { DBSubnetGroup } from "@aws-sdk/client-rds";
import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { defaultPlacement, type Placement, placementOf, subnetsIn } from "../ec2/placement.ts";
import { filterSchema } from "../filters.ts";
import { pageOf } from "../paging.ts";
import { invalidValue, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { tagSchema, withTags } from "../tags.ts";
import { collectionOf, find, rdsArn, type SubnetGroup } from "./documents.ts";

const DEFAULT = "default";

export const subnetGroupOperations: Operations = {
  CreateDBSubnetGroup: operation(
    z.strictObject({
      DBSubnetGroupName: z.string().regex(/^[a-zA-Z0-9 ._-]{1,255}$/),
      DBSubnetGroupDescription: z.string().min(1),
      SubnetIds: z.array(z.string()).min(1),
      Tags: z.array(tagSchema).default([]),
    }),
    (caller, request) => {
      const name = request.DBSubnetGroupName.toLowerCase();
      if (name === DEFAULT) throw invalidValue("The name default is reserved.");
      const placement = checkedPlacement(caller, request.SubnetIds);
      const description = request.DBSubnetGroupDescription;
      const tags = withTags({}, request.Tags);
      try {
        const group = collectionOf(caller, "subgrp").insert(caller.scope, {
          id: name,
          name,
          body: { ...placement, description, tags },
        });
        return { DBSubnetGroup: describeSubnetGroup(caller, group) };
      } catch (error) {
        if (!(error instanceof NameTakenError)) throw error;
        throw refusal(
          "DBSubnetGroupAlreadyExists",
          `The DB subnet group '${name}' already exists.`,
        );
      }
    },
  ),
  DescribeDBSubnetGroups: operation(
    z.strictObject({
      DBSubnetGroupName: z.string().optional(),
      Filters: filterSchema,
      MaxRecords: z.int().min(20).max(100).optional(),
      Marker: z.string().optional(),
    }),
    (caller, { DBSubnetGroupName: name, MaxRecords, Marker }) => {
      const groups =
        name === undefined
          ? collectionOf(caller, "subgrp").list(caller.scope)
          : [find(caller, "subgrp", name)];
      const page = pageOf(groups, { size: MaxRecords ?? 100, marker: Marker });
      return {
        DBSubnetGroups: page.items.map((group) => describeSubnetGroup(caller, group)),
        Marker: page.next,
      };
    },
  ),
  ModifyDBSubnetGroup: operation(
    z.strictObject({
      DBSubnetGroupName: z.string(),
      DBSubnetGroupDescription: z.string().min(1).optional(),
      SubnetIds: z.array(z.string()).min(1),
    }),
    (caller, { DBSubnetGroupName, DBSubnetGroupDescription, SubnetIds }) => {
      const { id, body } = find(caller, "subgrp", DBSubnetGroupName);
      const placement = checkedPlacement(caller, SubnetIds);
      if (placement.vpcId !== body.vpcId && instancesIn(caller, id).length > 0) {
        throw refusal("InvalidSubnet", "The new subnets are not in the same VPC as the instances.");
      }
      const group = collectionOf(caller, "subgrp").update(caller.scope, id, {
        body: {
          ...body,
          ...placement,
          description: DBSubnetGroupDescription ?? body.description,
        },
      });
      return { DBSubnetGroup: describeSubnetGroup(caller, group) };
    },
  ),
  DeleteDBSubnetGroup: operation(
    z.strictObject({ DBSubnetGroupName: z.string() }),
    (caller, { DBSubnetGroupName }) => {
      const { id } = find(caller, "subgrp", DBSubnetGroupName);
      const [instance] = instancesIn(caller, id);
      if (instance !== undefined) {
        throw refusal(
          "InvalidDBSubnetGroupStateFault",
          `Cannot delete the subnet group '${id}' because at least one database instance: ${instance.name} is still using it.`,
        );
      }
      collectionOf(caller, "subgrp").remove(caller.scope, id);
      return {};
    },
  ),
};

/** The group of this name; without one the default VPC's, made when it is first needed. */
export function subnetGroupFor(caller: Caller, name: string | undefined): SubnetGroup {
  if (name !== undefined && name.toLowerCase() !== DEFAULT) return find(caller, "subgrp", name);
  const groups = collectionOf(caller, "subgrp");
  const known = groups.byName(caller.scope, DEFAULT);
  if (known !== undefined) return known;
  const placement = defaultPlacement(caller);
  if (placement === undefined) {
    throw refusal(
      "InvalidSubnet",
      "No default subnet detected in VPC. Please contact AWS Support to recreate the default Subnets, or give a DBSubnetGroupName.",
    );
  }
  const body = { ...placement, description: DEFAULT, tags: {} };
  return groups.insert(caller.scope, { id: DEFAULT, name: DEFAULT, body });
}

export const describeSubnetGroup = (
  caller: Caller,
  { name, body }: SubnetGroup,
): DBSubnetGroup => ({
  DBSubnetGroupName: name,
  DBSubnetGroupArn: rdsArn(caller, "subgrp", name),
  DBSubnetGroupDescription: body.description,
  VpcId: body.vpcId,
  SubnetGroupStatus: "Complete",
  SupportedNetworkTypes: ["IPV4"],
  Subnets: subnetsIn(caller, body).map((subnet) => ({
    SubnetIdentifier: subnet.id,
    SubnetAvailabilityZone: { Name: subnet.body.zone },
    SubnetStatus: "Active",
  })),
});

function checkedPlacement(caller: Caller, subnetIds: readonly string[]): Placement {
  const placement = placementOf(caller, subnetIds);
  if (placement === "no such subnet") {
    throw refusal(
      "InvalidSubnet",
      "Some input subnets are invalid: at least one of them does not exist.",
    );
  }
  if (placement === "several VPCs") {
    throw refusal("InvalidSubnet", "The specified subnets must all be in the same VPC.");
  }
  if (new Set(subnetsIn(caller, placement).map(({ body }) => body.zone)).size < 2) {
    throw refusal(
      "DBSubnetGroupDoesNotCoverEnoughAZs",
      "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Add subnets to cover at least 2 AZs.",
    );
  }
  return placement;
}

const instancesIn = (caller: Caller, groupName: string) =>
  collectionOf(caller, "db")
    .list(caller.scope)
    .filter(({ body }) => body.subnetGroup === groupName);
