import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import type { CheckFailure } from "../../../../../providers/sdk/check.ts";
import type { InputsOf } from "../../../../../providers/sdk/properties.ts";
import type { PlainValue, RevealedMap } from "../../../../../providers/sdk/values.ts";
import { present } from "../../../present.ts";
import type { AwsClient, Regional } from "../../client.ts";
import { orMissing } from "../../fault.ts";
import { optional, output, REPLACE, required } from "../../rows.ts";
import { protocolName } from "../../rules.ts";
import { changedInputs, define, regionRow } from "../../shared.ts";
import { liveTags, tagRows } from "../../tags.ts";
import { tagSpecifications, updateTags } from "./tagging.ts";

/** Names of the peers of which a rule has exactly one. */
const PEERS = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"] as const;

const properties = {
  ...regionRow,
  ...tagRows,
  securityGroupId: required("string", "The group that the rule belongs to.", REPLACE),
  ipProtocol: required("string", "Protocol; -1 for all.", { normalize: spelledProtocol }),
  fromPort: optional("integer", "First port, or ICMP type."),
  toPort: optional("integer", "Last port, or ICMP code."),
  // The vendor cannot change the kind of the peer, so another peer is another rule.
  cidrIpv4: optional("string", "IPv4 range.", REPLACE),
  cidrIpv6: optional("string", "IPv6 range.", REPLACE),
  prefixListId: optional("string", "Prefix list.", REPLACE),
  referencedSecurityGroupId: optional("string", "Another security group.", REPLACE),
  description: optional("string", "Description of the rule."),
  arn: output("string", "ARN of the rule."),
  securityGroupRuleId: output("string", "Id of the rule."),
} as const;

type Inputs = InputsOf<typeof properties>;

/** `aws.vpc.SecurityGroupIngressRule`. @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html */
export const ingressRule = ruleResource("Ingress");
/** `aws.vpc.SecurityGroupEgressRule`. @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupEgress.html */
export const egressRule = ruleResource("Egress");

function ruleResource(direction: "Ingress" | "Egress") {
  const name = `SecurityGroup${direction}Rule`;
  return define({
    token: `aws:vpc/s${name.slice(1)}:${name}`,
    title: `${direction.toLowerCase()} rule`,
    doc: "One rule of a security group. https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    identity: ["region", "securityGroupId", "ipProtocol", "fromPort", "toPort", ...PEERS],
    importFormat: "<security_group_rule_id>",
    properties,
    creationTimeUnknown: true,
    parseImportId: (id) => (/^sgr-/.test(id) ? { id, state: {} } : undefined),
    validate: onePeer,
    async create({ client }, inputs) {
      const ec2 = await client.ec2(inputs);
      const { SecurityGroupRules } = await ec2[`authorizeSecurityGroup${direction}`]({
        GroupId: inputs.securityGroupId,
        IpPermissions: [permissionOf(inputs)],
        ...tagSpecifications(client, "security-group-rule", inputs),
      });
      const made = SecurityGroupRules?.[0] ?? {};
      return { id: made.SecurityGroupRuleId ?? "", state: stateOf(client, made, inputs) };
    },
    async read({ client }, id, { inputs, state }) {
      const ec2 = await client.ec2(state);
      const ids = { SecurityGroupRuleIds: [id] };
      const answer = await orMissing(ec2.describeSecurityGroupRules(ids));
      const found = answer?.SecurityGroupRules?.[0];
      const known = { region: state.region, ...inputs };
      return found && { id, state: stateOf(client, found, known) };
    },
    async update({ client }, id, inputs, known) {
      const { tags: _, ...changed } = changedInputs(properties, known, inputs);
      if (Object.keys(changed).length > 0) {
        const ec2 = await client.ec2(inputs);
        const rule = { SecurityGroupRuleId: id, SecurityGroupRule: ruleOf(inputs) };
        await ec2.modifySecurityGroupRules({
          GroupId: inputs.securityGroupId,
          SecurityGroupRules: [rule],
        });
      }
      return updateTags(client, id, inputs, known.state);
    },
    async delete({ client }, id, state) {
      const ec2 = await client.ec2(state);
      await ec2[`revokeSecurityGroup${direction}`]({
        GroupId: state.securityGroupId ?? undefined,
        SecurityGroupRuleIds: [id],
      });
    },
    async findExisting({ client }, inputs) {
      const ec2 = await client.ec2(inputs);
      const group = { Name: "group-id", Values: [inputs.securityGroupId] };
      const { SecurityGroupRules } = await ec2.describeSecurityGroupRules({ Filters: [group] });
      const wanted = trafficOf(inputs);
      const found = SecurityGroupRules?.find(
        (each) =>
          each.IsEgress === (direction === "Egress") &&
          trafficOf(stateOf(client, each, inputs)) === wanted,
      );
      return (
        found && { id: found.SecurityGroupRuleId ?? "", state: stateOf(client, found, inputs) }
      );
    },
  });
}

function spelledProtocol(value: PlainValue): PlainValue {
  return typeof value === "string" ? protocolName(value) : value;
}

function onePeer(inputs: RevealedMap): CheckFailure[] {
  const given = PEERS.filter((name) => inputs[name] !== undefined);
  if (given.length === 1) return [];
  const reason = `A rule has exactly one of ${PEERS.join(", ")}, and this one has ${given.length === 0 ? "none" : given.join(", ")}. Correct it in the program.`;
  return [{ property: given[1] ?? PEERS[0], reason }];
}

/** What no two rules of a group have in common. */
function trafficOf(rule: { readonly [name: string]: unknown }): string {
  const protocol = spelledProtocol(rule.ipProtocol as string);
  const ports = protocol === "-1" ? [] : [rule.fromPort, rule.toPort];
  return JSON.stringify([protocol, ...ports, ...PEERS.map((name) => rule[name] ?? null)]);
}

function permissionOf(inputs: Inputs) {
  const about = present({ Description: inputs.description });
  return {
    IpProtocol: protocolName(inputs.ipProtocol),
    ...present({ FromPort: inputs.fromPort, ToPort: inputs.toPort }),
    ...(inputs.cidrIpv4 ? { IpRanges: [{ CidrIp: inputs.cidrIpv4, ...about }] } : {}),
    ...(inputs.cidrIpv6 ? { Ipv6Ranges: [{ CidrIpv6: inputs.cidrIpv6, ...about }] } : {}),
    ...(inputs.prefixListId
      ? { PrefixListIds: [{ PrefixListId: inputs.prefixListId, ...about }] }
      : {}),
    ...(inputs.referencedSecurityGroupId
      ? { UserIdGroupPairs: [{ GroupId: inputs.referencedSecurityGroupId, ...about }] }
      : {}),
  };
}

function ruleOf(inputs: Inputs) {
  return {
    IpProtocol: protocolName(inputs.ipProtocol),
    ...present({
      FromPort: inputs.fromPort,
      ToPort: inputs.toPort,
      CidrIpv4: inputs.cidrIpv4,
      CidrIpv6: inputs.cidrIpv6,
      PrefixListId: inputs.prefixListId,
      ReferencedGroupId: inputs.referencedSecurityGroupId,
      Description: inputs.description,
    }),
  };
}

function stateOf(
  client: AwsClient,
  found: SecurityGroupRule,
  known: Regional & { readonly tags?: { readonly [key: string]: string } | undefined },
) {
  const all = found.IpProtocol === "-1";
  return {
    securityGroupId: found.GroupId,
    ipProtocol: found.IpProtocol,
    // The vendor spells "no ports" as -1.
    fromPort: all ? undefined : found.FromPort,
    toPort: all ? undefined : found.ToPort,
    cidrIpv4: found.CidrIpv4,
    cidrIpv6: found.CidrIpv6,
    prefixListId: found.PrefixListId,
    referencedSecurityGroupId: found.ReferencedGroupInfo?.GroupId,
    description: found.Description,
    arn: found.SecurityGroupRuleArn,
    securityGroupRuleId: found.SecurityGroupRuleId,
    region: client.regionOf(known),
    ...liveTags(client, found.Tags, known),
  };
}
