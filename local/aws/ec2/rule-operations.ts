import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import { z } from "zod";
import { arnOf, type Caller } from "../caller.ts";
import { type Facts, factsOfTags, filterSchema, select } from "../filters.ts";
import { pageOf } from "../paging.ts";
import { invalidCombination, invalidValue, refusal } from "../protocol/errors.ts";
import { type Operation, type Operations, operation } from "../protocol/operation.ts";
import { tagList } from "../tags.ts";
import { openRegion } from "./default-network.ts";
import { collectionOf, find, findAll, type Rule } from "./resources.ts";
import {
  changeRule,
  insertRule,
  permissionSchema,
  ruleFrom,
  ruleLike,
  ruleSchema,
  rulesFrom,
} from "./rules.ts";
import { tagSpecificationsSchema, tagsFrom } from "./tags.ts";

/** Told when a group's rules have changed, so that the servers behind it follow. */
export type OnRulesChanged = (caller: Caller, groupId: string) => void;

/** Security groups' rules, one by one, each with an id and tags of its own. */
export const ruleOperations = (onChanged: OnRulesChanged): Operations => ({
  AuthorizeSecurityGroupIngress: authorize(false, onChanged),
  AuthorizeSecurityGroupEgress: authorize(true, onChanged),
  RevokeSecurityGroupIngress: revoke(false, onChanged),
  RevokeSecurityGroupEgress: revoke(true, onChanged),
  ModifySecurityGroupRules: operation(
    z.strictObject({
      GroupId: z.string(),
      SecurityGroupRules: z
        .array(z.strictObject({ SecurityGroupRuleId: z.string(), SecurityGroupRule: ruleSchema }))
        .min(1),
      DryRun: z.literal(false).optional(),
    }),
    (caller, { GroupId, SecurityGroupRules }) => {
      find(caller, "sg", GroupId);
      caller.cloud.store.transaction(() => {
        for (const { SecurityGroupRuleId, SecurityGroupRule } of SecurityGroupRules) {
          const rule = ruleOfGroup(caller, GroupId, SecurityGroupRuleId);
          changeRule(caller, rule, ruleFrom(caller, SecurityGroupRule, rule.body.isEgress));
        }
      });
      onChanged(caller, GroupId);
      return { Return: true };
    },
  ),
  DescribeSecurityGroupRules: operation(
    z.strictObject({
      SecurityGroupRuleIds: z.array(z.string()).optional(),
      Filters: filterSchema,
      MaxResults: z.int().min(5).max(1000).optional(),
      NextToken: z.string().optional(),
      DryRun: z.literal(false).optional(),
    }),
    (caller, { SecurityGroupRuleIds, Filters, MaxResults, NextToken }) => {
      openRegion(caller);
      const found = select(findAll(caller, "sgr", SecurityGroupRuleIds), Filters, factsOf);
      const page = pageOf(found, { size: MaxResults, marker: NextToken });
      return {
        SecurityGroupRules: page.items.map((rule) => describe(caller, rule)),
        NextToken: page.next,
      };
    },
  ),
});

/** The form with one range directly in the request is another spelling of one permission. */
const permissionsSchema = {
  GroupId: z.string(),
  IpPermissions: z.array(permissionSchema).default([]),
  IpProtocol: z.string().optional(),
  FromPort: z.int().optional(),
  ToPort: z.int().optional(),
  CidrIp: z.string().optional(),
  DryRun: z.literal(false).optional(),
};

function permissionsOf(request: {
  readonly IpPermissions: readonly z.infer<typeof permissionSchema>[];
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
}): readonly z.infer<typeof permissionSchema>[] {
  const { IpPermissions, IpProtocol, FromPort, ToPort, CidrIp } = request;
  if (IpProtocol === undefined && CidrIp === undefined) return IpPermissions;
  if (IpProtocol === undefined || CidrIp === undefined || IpPermissions.length > 0) {
    throw invalidCombination("Give either IpPermissions, or IpProtocol and CidrIp with the ports.");
  }
  const peers = { IpRanges: [{ CidrIp }], Ipv6Ranges: [], UserIdGroupPairs: [] };
  return [{ IpProtocol, FromPort, ToPort, ...peers }];
}

const authorize = (isEgress: boolean, onChanged: OnRulesChanged): Operation =>
  operation(
    z.strictObject({ ...permissionsSchema, TagSpecifications: tagSpecificationsSchema }),
    (caller, { GroupId, TagSpecifications, ...request }) => {
      find(caller, "sg", GroupId);
      const tags = tagsFrom(TagSpecifications, "sgr");
      const rules = rulesFrom(caller, permissionsOf(request), isEgress);
      if (rules.length === 0) {
        throw refusal("MissingParameter", "The request must contain the parameter IpPermissions.");
      }
      const inserted = caller.cloud.store.transaction(() =>
        rules.map((rule) => insertRule(caller, GroupId, { ...rule, tags })),
      );
      onChanged(caller, GroupId);
      return {
        Return: true,
        SecurityGroupRules: inserted.map((rule) => describe(caller, rule)),
      };
    },
  );

const revoke = (isEgress: boolean, onChanged: OnRulesChanged): Operation =>
  operation(
    z.strictObject({
      ...permissionsSchema,
      SecurityGroupRuleIds: z.array(z.string()).default([]),
    }),
    (caller, { GroupId, SecurityGroupRuleIds, ...request }) => {
      find(caller, "sg", GroupId);
      const byId = SecurityGroupRuleIds.map((id) => ruleOfGroup(caller, GroupId, id));
      const other = byId.find(({ body }) => body.isEgress !== isEgress);
      if (other !== undefined) {
        throw invalidValue(`The rule ${other.id} is of the other direction.`);
      }
      const byTraffic = rulesFrom(caller, permissionsOf(request), isEgress).map((rule) => {
        const found = ruleLike(caller, GroupId, rule);
        if (found !== undefined) return found;
        throw refusal(
          "InvalidPermission.NotFound",
          "The specified rule does not exist in this security group.",
        );
      });
      const revoked = [...byId, ...byTraffic];
      if (revoked.length === 0) {
        throw refusal("MissingParameter", "The request must name the rules to revoke.");
      }
      caller.cloud.store.transaction(() => {
        for (const { id } of revoked) collectionOf(caller, "sgr").remove(caller.scope, id);
      });
      onChanged(caller, GroupId);
      return { Return: true };
    },
  );

function ruleOfGroup(caller: Caller, groupId: string, id: string): Rule {
  const rule = find(caller, "sgr", id);
  if (rule.body.groupId === groupId) return rule;
  throw invalidValue(`The rule ${id} is not one of the security group ${groupId}.`);
}

const factsOf = ({ id, body }: Rule): Facts => ({
  "group-id": [body.groupId],
  "security-group-rule-id": [id],
  ...factsOfTags(body.tags),
});

function describe(caller: Caller, { id, body }: Rule): SecurityGroupRule {
  const { peer, description } = body;
  return {
    SecurityGroupRuleId: id,
    SecurityGroupRuleArn: arnOf(caller, "ec2", `security-group-rule/${id}`),
    GroupId: body.groupId,
    GroupOwnerId: caller.accountId,
    IsEgress: body.isEgress,
    IpProtocol: body.protocol,
    FromPort: body.fromPort,
    ToPort: body.toPort,
    ...("cidrIpv4" in peer ? { CidrIpv4: peer.cidrIpv4 } : {}),
    ...("cidrIpv6" in peer ? { CidrIpv6: peer.cidrIpv6 } : {}),
    ...("groupId" in peer
      ? { ReferencedGroupInfo: { GroupId: peer.groupId, UserId: caller.accountId } }
      : {}),
    ...(description === undefined ? {} : { Description: description }),
    Tags: tagList(body.tags),
  };
}
