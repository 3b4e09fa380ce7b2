import type { Vpc } from "@aws-sdk/client-ec2";
import { present } from "../../../present.ts";
import type { Regional } from "../../client.ts";
import { orMissing } from "../../fault.ts";
import { inherited, optional, output, REPLACE } from "../../rows.ts";
import { type AwsContext, define, regionRow } from "../../shared.ts";
import { liveTags, tagRows } from "../../tags.ts";
import { tagSpecifications, updateTags } from "./tagging.ts";

const properties = {
  ...regionRow,
  ...tagRows,
  cidrBlock: inherited("string", "IPv4 range of the VPC.", REPLACE),
  enableDnsSupport: optional("boolean", "Whether DNS is served.", { unset: true }),
  enableDnsHostnames: inherited("boolean", "Whether instances get host names."),
  enableNetworkAddressUsageMetrics: inherited("boolean", "Whether address usage is measured."),
  instanceTenancy: optional("string", "Tenancy of instances.", {
    replace: true,
    unset: "default",
    values: ["default", "dedicated"],
  }),
  arn: output("string", "ARN of the VPC."),
  defaultNetworkAclId: output("string", "Network ACL of the VPC."),
  defaultRouteTableId: output("string", "Route table of the VPC."),
  defaultSecurityGroupId: output("string", "Security group of the VPC."),
  dhcpOptionsId: output("string", "DHCP options of the VPC."),
  mainRouteTableId: output("string", "Route table of subnets without their own."),
  ownerId: output("string", "Account that owns the VPC."),
} as const;

/** Attributes that have requests of their own, one for each. */
const ATTRIBUTES = {
  enableDnsSupport: "EnableDnsSupport",
  enableDnsHostnames: "EnableDnsHostnames",
  enableNetworkAddressUsageMetrics: "EnableNetworkAddressUsageMetrics",
} as const;
type Attribute = keyof typeof ATTRIBUTES;
const NAMES = Object.keys(ATTRIBUTES) as Attribute[];

/**
 * `aws.ec2.Vpc`. A VPC has no name: one whose creation lost its answer cannot be told from any other.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html
 */
export const vpc = define({
  token: "aws:ec2/vpc:Vpc",
  title: "VPC",
  doc: "A virtual network. https://docs.aws.amazon.com/vpc/latest/userguide/configure-your-vpc.html",
  identity: [],
  importFormat: "<vpc_id>",
  properties,
  parseImportId: (id) => (/^vpc-/.test(id) ? { id, state: {} } : undefined),
  validate: (inputs) =>
    inputs.cidrBlock === undefined
      ? [{ property: "cidrBlock", reason: "A VPC needs a cidrBlock here. Give it one." }]
      : [],
  async create({ client }, inputs) {
    const ec2 = await client.ec2(inputs);
    const { Vpc: made } = await ec2.createVpc({
      CidrBlock: inputs.cidrBlock,
      ...(inputs.instanceTenancy === "dedicated" ? { InstanceTenancy: "dedicated" } : {}),
      ...tagSpecifications(client, "vpc", inputs),
    });
    return { id: made?.VpcId ?? "", state: {} };
  },
  async finish(context, { id }, inputs) {
    const ec2 = await context.client.ec2(inputs);
    const found = await attributesOf(context, inputs, id);
    const wanted = { ...inputs, enableDnsSupport: inputs.enableDnsSupport ?? true };
    for (const name of NAMES)
      if (wanted[name] !== undefined && wanted[name] !== found[name])
        await ec2.modifyVpcAttribute({ VpcId: id, [ATTRIBUTES[name]]: { Value: wanted[name] } });
    return { id, state: (await stateOf(context, id, inputs)) ?? {} };
  },
  async read(context, id, { inputs, state }) {
    const found = await stateOf(context, id, { region: state.region, ...inputs });
    return found && { id, state: found };
  },
  update: ({ client }, id, inputs, { state }) => updateTags(client, id, inputs, state),
  async delete({ client }, id, state) {
    await (await client.ec2(state)).deleteVpc({ VpcId: id });
  },
});

type Known = Regional & { readonly tags?: { readonly [key: string]: string } | null | undefined };

async function stateOf(context: AwsContext, id: string, known: Known) {
  const { client } = context;
  const ec2 = await client.ec2(known);
  const answer = await orMissing(ec2.describeVpcs({ VpcIds: [id] }));
  const found = answer?.Vpcs?.[0];
  if (found === undefined) return undefined;
  const ofVpc = { Name: "vpc-id", Values: [id] };
  const [attributes, routes, acls, groups] = await Promise.all([
    attributesOf(context, known, id),
    ec2.describeRouteTables({ Filters: [ofVpc, { Name: "association.main", Values: ["true"] }] }),
    ec2.describeNetworkAcls({ Filters: [ofVpc, { Name: "default", Values: ["true"] }] }),
    ec2.describeSecurityGroups({ Filters: [ofVpc, { Name: "group-name", Values: ["default"] }] }),
  ]);
  const region = client.regionOf(known);
  const table = routes.RouteTables?.[0]?.RouteTableId;
  return {
    ...attributes,
    ...present({
      cidrBlock: found.CidrBlock,
      instanceTenancy: found.InstanceTenancy,
      arn: arnOf(found, region),
      defaultNetworkAclId: acls.NetworkAcls?.[0]?.NetworkAclId,
      defaultRouteTableId: table,
      defaultSecurityGroupId: groups.SecurityGroups?.[0]?.GroupId,
      dhcpOptionsId: found.DhcpOptionsId,
      mainRouteTableId: table,
      ownerId: found.OwnerId,
    }),
    region,
    ...liveTags(client, found.Tags, known),
  };
}

const arnOf = ({ VpcId, OwnerId }: Vpc, region: string): string =>
  `arn:aws:ec2:${region}:${OwnerId}:vpc/${VpcId}`;

async function attributesOf(
  { client }: AwsContext,
  where: Regional,
  id: string,
): Promise<{ [A in Attribute]?: boolean }> {
  const ec2 = await client.ec2(where);
  const entries = await Promise.all(
    NAMES.map(async (name) => {
      const answer = await ec2.describeVpcAttribute({ VpcId: id, Attribute: name });
      return [name, answer[ATTRIBUTES[name]]?.Value ?? false] as const;
    }),
  );
  return Object.fromEntries(entries);
}
