import type { IpPermission, SecurityGroup } from "@aws-sdk/client-ec2";
import { z } from "zod";
import { arnOf, type Caller } from "../caller.ts";
import { type Facts, factsOfTags, filterSchema, select } from "../filters.ts";
import { pageOf } from "../paging.ts";
import { invalidValue, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { tagList } from "../tags.ts";
import { defaultVpc, openRegion } from "./default-network.ts";
import { usersOf } from "./interfaces.ts";
import { deleteGroup, insertGroup } from "./network.ts";
import { collectionOf, find, findAll, type Group, type Rule } from "./resources.ts";
import { rulesOf, ruleTo } from "./rules.ts";
import { tagSpecificationsSchema, tagsFrom } from "./tags.ts";

/** What the vendor allows in names and descriptions. */
const TEXT = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

export const groupOperations: Operations = {
  CreateSecurityGroup: operation(
    z.strictObject({
      GroupName: z.string().regex(TEXT),
      Description: z.string().regex(TEXT),
      VpcId: z.string().optional(),
      TagSpecifications: tagSpecificationsSchema,
      DryRun: z.literal(false).optional(),
    }),
    (caller, { GroupName, Description, VpcId, TagSpecifications }) => {
      const vpcId = VpcId ?? defaultVpc(caller)?.id;
      if (vpcId === undefined) {
        throw refusal("VPCIdNotSpecified", "No default VPC for this user. Give a VpcId.");
      }
      find(caller, "vpc", vpcId);
      if (/^sg-|^default$/.test(GroupName)) {
        throw invalidValue(`Value (${GroupName}) for parameter GroupName is reserved.`);
      }
      const tags = tagsFrom(TagSpecifications, "sg");
      const group = caller.cloud.store.transaction(() =>
        insertGroup(caller, { vpcId, groupName: GroupName, description: Description, tags }),
      );
      return {
        GroupId: group.id,
        SecurityGroupArn: groupArn(caller, group.id),
        Tags: tagList(tags),
      };
    },
  ),
  DescribeSecurityGroups: operation(
    z.strictObject({
      GroupIds: z.array(z.string()).optional(),
      Filters: filterSchema,
      MaxResults: z.int().min(5).max(1000).optional(),
      NextToken: z.string().optional(),
      DryRun: z.literal(false).optional(),
    }),
    (caller, { GroupIds, Filters, MaxResults, NextToken }) => {
      openRegion(caller);
      const found = select(findAll(caller, "sg", GroupIds), Filters, factsOf);
      const page = pageOf(found, { size: MaxResults, marker: NextToken });
      return {
        SecurityGroups: page.items.map((group) => describe(caller, group)),
        NextToken: page.next,
      };
    },
  ),
  DeleteSecurityGroup: operation(
    z.strictObject({ GroupId: z.string(), DryRun: z.literal(false).optional() }),
    (caller, { GroupId }) => {
      const group = find(caller, "sg", GroupId);
      if (group.body.groupName === "default") {
        throw refusal(
          "CannotDelete",
          `the specified group: "${GroupId}" name: "default" cannot be deleted by a user`,
        );
      }
      const isNamed = collectionOf(caller, "sgr")
        .list(caller.scope)
        .some(
          ({ body }) =>
            body.groupId !== GroupId && "groupId" in body.peer && body.peer.groupId === GroupId,
        );
      if (isNamed || usersOf(caller, GroupId).length > 0) {
        throw refusal("DependencyViolation", `resource ${GroupId} has a dependent object`);
      }
      caller.cloud.store.transaction(() => deleteGroup(caller, GroupId));
      return { Return: true, GroupId };
    },
  ),
};

const groupArn = (caller: Caller, id: string) => arnOf(caller, "ec2", `security-group/${id}`);

const factsOf = ({ id, body }: Group): Facts => ({
  "group-id": [id],
  "group-name": [body.groupName],
  description: [body.description],
  "vpc-id": [body.vpcId],
  ...factsOfTags(body.tags),
});

const describe = (caller: Caller, { id, body }: Group): SecurityGroup => ({
  GroupId: id,
  SecurityGroupArn: groupArn(caller, id),
  GroupName: body.groupName,
  Description: body.description,
  VpcId: body.vpcId,
  OwnerId: caller.accountId,
  IpPermissions: permissionsOf(caller, id, false),
  IpPermissionsEgress: permissionsOf(caller, id, true),
  Tags: tagList(body.tags),
});

/** The older form of rules: one entry for each protocol and ports, with all of its peers. */
function permissionsOf(caller: Caller, groupId: string, isEgress: boolean): IpPermission[] {
  const rules = rulesOf(caller, groupId).filter(({ body }) => body.isEgress === isEgress);
  const byTraffic = new Map<string, Rule[]>();
  for (const rule of rules) {
    const { protocol, fromPort, toPort } = rule.body;
    const traffic = `${protocol} ${fromPort} ${toPort}`;
    byTraffic.set(traffic, [...(byTraffic.get(traffic) ?? []), rule]);
  }
  return [...byTraffic.values()].map((same) => {
    const described = same.map(({ body: { peer, description } }) => ({
      peer,
      about: description === undefined ? {} : { Description: description },
    }));
    const { protocol, fromPort, toPort } = same[0]?.body ?? ruleTo({ groupId }, isEgress);
    return {
      IpProtocol: protocol,
      ...(protocol === "-1" ? {} : { FromPort: fromPort, ToPort: toPort }),
      IpRanges: described.flatMap(({ peer, about }) =>
        "cidrIpv4" in peer ? [{ CidrIp: peer.cidrIpv4, ...about }] : [],
      ),
      Ipv6Ranges: described.flatMap(({ peer, about }) =>
        "cidrIpv6" in peer ? [{ CidrIpv6: peer.cidrIpv6, ...about }] : [],
      ),
      UserIdGroupPairs: described.flatMap(({ peer, about }) =>
        "groupId" in peer ? [{ GroupId: peer.groupId, UserId: caller.accountId, ...about }] : [],
      ),
      PrefixListIds: [],
    };
  });
}
