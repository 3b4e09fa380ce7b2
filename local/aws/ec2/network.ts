/** How networks are kept: what is made and removed together. */
import { NameTakenError } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { refusal } from "../protocol/errors.ts";
import {
  collectionOf,
  type Group,
  type GroupBody,
  newId,
  type Subnet,
  type SubnetBody,
  type Vpc,
  type VpcBody,
} from "./resources.ts";
import { insertRule, rulesOf, ruleTo } from "./rules.ts";

/** Keeps a new VPC with its default security group. To be called in a transaction. */
export function insertVpc(
  caller: Caller,
  vpc: Pick<VpcBody, "cidr" | "isDefault" | "dnsHostnames" | "dhcpOptionsId" | "tags">,
): Vpc {
  const id = newId("vpc");
  const group = insertGroup(caller, {
    vpcId: id,
    groupName: "default",
    description: "default VPC security group",
    tags: {},
  });
  return collectionOf(caller, "vpc").insert(caller.scope, {
    id,
    name: id,
    body: {
      ...vpc,
      dnsSupport: true,
      usageMetrics: false,
      cidrAssociationId: newId("vpc-cidr-assoc"),
      mainRouteTableId: newId("rtb"),
      mainRouteTableAssociationId: newId("rtbassoc"),
      networkAclId: newId("acl"),
      defaultGroupId: group.id,
    },
  });
}

export const subnetsOf = (caller: Caller, vpcId: string): Subnet[] =>
  collectionOf(caller, "subnet")
    .list(caller.scope)
    .filter(({ body }) => body.vpcId === vpcId);

export function insertSubnet(caller: Caller, subnet: Omit<SubnetBody, "aclAssociationId">): Subnet {
  const id = newId("subnet");
  const body = { ...subnet, aclAssociationId: newId("aclassoc") };
  return collectionOf(caller, "subnet").insert(caller.scope, { id, name: id, body });
}

/**
 * Keeps a new group, which lets everything out, and when it is a VPC's default group, what its own members
 * send in. To be called in a transaction.
 */
export function insertGroup(caller: Caller, body: GroupBody): Group {
  const id = newId("sg");
  const group = insertNamed(caller, id, body);
  insertRule(caller, id, ruleTo({ cidrIpv4: "0.0.0.0/0" }, true));
  if (body.groupName === "default") insertRule(caller, id, ruleTo({ groupId: id }, false));
  return group;
}

function insertNamed(caller: Caller, id: string, body: GroupBody): Group {
  try {
    const name = `${body.vpcId}/${body.groupName}`;
    return collectionOf(caller, "sg").insert(caller.scope, { id, name, body });
  } catch (error) {
    if (!(error instanceof NameTakenError)) throw error;
    throw refusal(
      "InvalidGroup.Duplicate",
      `The security group '${body.groupName}' already exists for VPC '${body.vpcId}'`,
    );
  }
}

/** Removes a group with its rules. To be called in a transaction. */
export function deleteGroup(caller: Caller, id: string): void {
  for (const rule of rulesOf(caller, id)) {
    collectionOf(caller, "sgr").remove(caller.scope, rule.id);
  }
  collectionOf(caller, "sg").remove(caller.scope, id);
}
