import type { SecurityGroup } from "@aws-sdk/client-ec2";
import type { PlainMap } from "../../../../../providers/sdk/values.ts";
import { present } from "../../../present.ts";
import type { AwsClient, Regional } from "../../client.ts";
import { orMissing } from "../../fault.ts";
import { fitName, nameConflicts, nameRow, prefixRow } from "../../names.ts";
import { inherited, optional, output } from "../../rows.ts";
import {
  groupedRules,
  normalizeRules,
  permissionOf,
  ruleChanges,
  ruleRow,
  rulesOfPermissions,
  type SingleRule,
  singleRules,
} from "../../rules.ts";
import { type AwsContext, define, MANAGED, regionRow } from "../../shared.ts";
import { liveTags, tagRows } from "../../tags.ts";
import { tagSpecifications, updateTags } from "./tagging.ts";

const rules = (doc: string) =>
  inherited({ array: { object: ruleRow } }, doc, { normalize: normalizeRules });

const properties = {
  ...regionRow,
  ...tagRows,
  name: nameRow("Name of the group.", 255),
  namePrefix: prefixRow("name"),
  description: optional("string", "Description of the group.", { replace: true, unset: MANAGED }),
  vpcId: inherited("string", "VPC of the group; else the default one.", { replace: true }),
  ingress: rules("What may come in."),
  egress: rules("What may go out; nothing, unless the program says so."),
  revokeRulesOnDelete: optional("boolean", "Whether rules are taken away before the group.", {
    unset: false,
  }),
  arn: output("string", "ARN of the group."),
  ownerId: output("string", "Account that owns the group."),
} as const;

/** `aws.ec2.SecurityGroup`. @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html */
export const securityGroup = define({
  token: "aws:ec2/securityGroup:SecurityGroup",
  title: "security group",
  doc: "Rules of who may connect. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
  identity: ["region", "name", "vpcId"],
  importFormat: "<security_group_id>",
  properties,
  creationTimeUnknown: true,
  parseImportId: (id) => (/^sg-/.test(id) ? { id, state: {} } : undefined),
  seal: fitName("name", "namePrefix"),
  validate: (inputs) => nameConflicts(inputs, "name", "namePrefix"),
  async create({ client }, inputs) {
    const ec2 = await client.ec2(inputs);
    const { GroupId = "", SecurityGroupArn } = await ec2.createSecurityGroup({
      GroupName: inputs.name,
      Description: inputs.description ?? MANAGED,
      ...present({ VpcId: inputs.vpcId }),
      ...tagSpecifications(client, "security-group", inputs),
    });
    return { id: GroupId, state: present({ arn: SecurityGroupArn }) };
  },
  async finish(context, { id, state }, inputs) {
    const found = await describe(context, inputs, id);
    const live = rulesOf(found ?? {}, id);
    // The vendor lets everything out of a new group, and the official provider takes that away.
    const isNew = state.egress === undefined;
    const egress = inputs.egress ?? (isNew ? [] : undefined);
    if (inputs.ingress)
      await applyRules(context, inputs, id, "Ingress", live.ingress, inputs.ingress);
    if (egress) await applyRules(context, inputs, id, "Egress", live.egress, egress);
    const after = await describe(context, inputs, id);
    return { id, state: after ? stateOf(context.client, after, inputs) : state };
  },
  async read(context, id, { inputs, state }) {
    const found = await describe(context, state, id);
    if (found === undefined) return undefined;
    const { ingress, egress, ...rest } = stateOf(context.client, found, {
      region: state.region,
      ...inputs,
    });
    // Rules of a group that declares none, in neither direction, are resources of their own, which come
    // and go without it. One that declares some is told all: what it leaves out, nobody else makes.
    const separate = inputs !== undefined && !inputs.ingress && !inputs.egress;
    return { id, state: separate ? rest : { ...rest, ingress, egress } };
  },
  update: ({ client }, id, inputs, { state }) => updateTags(client, id, inputs, state),
  async delete(context, id, state) {
    const ec2 = await context.client.ec2(state);
    if (state.revokeRulesOnDelete) {
      const live = rulesOf((await describe(context, state, id)) ?? {}, id);
      await applyRules(context, state, id, "Ingress", live.ingress, []);
      await applyRules(context, state, id, "Egress", live.egress, []);
    }
    await ec2.deleteSecurityGroup({ GroupId: id });
  },
  async findExisting({ client }, inputs) {
    const ec2 = await client.ec2(inputs);
    const { SecurityGroups } = await ec2.describeSecurityGroups({
      Filters: [
        { Name: "group-name", Values: [inputs.name] },
        ...(inputs.vpcId ? [{ Name: "vpc-id", Values: [inputs.vpcId] }] : []),
      ],
    });
    const found = SecurityGroups?.[0];
    return found && { id: found.GroupId ?? "", state: present({ arn: found.SecurityGroupArn }) };
  },
});

async function describe(
  { client }: AwsContext,
  where: Regional,
  id: string,
): Promise<SecurityGroup | undefined> {
  const ec2 = await client.ec2(where);
  return (await orMissing(ec2.describeSecurityGroups({ GroupIds: [id] })))?.SecurityGroups?.[0];
}

function rulesOf(found: SecurityGroup, id: string) {
  return {
    ingress: rulesOfPermissions(found.IpPermissions, id),
    egress: rulesOfPermissions(found.IpPermissionsEgress, id),
  };
}

/** Takes away what is too much, then adds: one rule may differ from another by its description only. */
async function applyRules(
  { client }: AwsContext,
  where: Regional,
  id: string,
  direction: "Ingress" | "Egress",
  live: readonly SingleRule[],
  wanted: readonly object[],
): Promise<void> {
  const ec2 = await client.ec2(where);
  const { revoke, authorize } = ruleChanges(live, singleRules(wanted as readonly PlainMap[]));
  const request = (rules: readonly SingleRule[]) => ({
    GroupId: id,
    IpPermissions: rules.map((rule) => permissionOf(rule, id)),
  });
  if (revoke.length > 0) await ec2[`revokeSecurityGroup${direction}`](request(revoke));
  if (authorize.length > 0) await ec2[`authorizeSecurityGroup${direction}`](request(authorize));
}

function stateOf(
  client: AwsClient,
  found: SecurityGroup,
  known: Regional & { readonly tags?: { readonly [key: string]: string } | undefined },
) {
  const { ingress, egress } = rulesOf(found, found.GroupId ?? "");
  return {
    ...present({
      name: found.GroupName,
      description: found.Description,
      vpcId: found.VpcId,
      arn: found.SecurityGroupArn,
      ownerId: found.OwnerId,
    }),
    ingress: groupedRules(ingress) as never,
    egress: groupedRules(egress) as never,
    region: client.regionOf(known),
    ...liveTags(client, found.Tags, known),
  };
}
