import type { Subnet } from "@aws-sdk/client-ec2";
import { VendorFault } from "../../../../../providers/sdk/fault.ts";
import { present } from "../../../present.ts";
import type { AwsClient, Regional } from "../../client.ts";
import { awsCode, orMissing } from "../../fault.ts";
import { inherited, optional, output, REPLACE, required } from "../../rows.ts";
import { define, regionRow } from "../../shared.ts";
import { liveTags, tagRows } from "../../tags.ts";
import { tagSpecifications, updateTags } from "./tagging.ts";

const properties = {
  ...regionRow,
  ...tagRows,
  vpcId: required("string", "VPC of the subnet.", REPLACE),
  cidrBlock: optional("string", "IPv4 range of the subnet.", REPLACE),
  availabilityZone: inherited("string", "Zone of the subnet.", REPLACE),
  availabilityZoneId: inherited("string", "Zone of the subnet, by its id.", REPLACE),
  mapPublicIpOnLaunch: optional("boolean", "Whether instances get public addresses.", {
    unset: false,
  }),
  arn: output("string", "ARN of the subnet."),
  ownerId: output("string", "Account that owns the subnet."),
} as const;

/** `aws.ec2.Subnet`. @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html */
export const subnet = define({
  token: "aws:ec2/subnet:Subnet",
  title: "subnet",
  doc: "A part of a VPC. https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html",
  identity: ["vpcId", "cidrBlock"],
  importFormat: "<subnet_id>",
  properties,
  creationTimeUnknown: true,
  parseImportId: (id) => (/^subnet-/.test(id) ? { id, state: {} } : undefined),
  validate: (inputs) =>
    inputs.availabilityZone !== undefined && inputs.availabilityZoneId !== undefined
      ? [
          {
            property: "availabilityZoneId",
            reason:
              "availabilityZone and availabilityZoneId exclude each other. Leave one of them out.",
          },
        ]
      : [],
  async create({ client }, inputs) {
    const ec2 = await client.ec2(inputs);
    try {
      const { Subnet: made = {} } = await ec2.createSubnet({
        VpcId: inputs.vpcId,
        ...present({
          CidrBlock: inputs.cidrBlock,
          AvailabilityZone: inputs.availabilityZone,
          AvailabilityZoneId: inputs.availabilityZoneId,
        }),
        ...tagSpecifications(client, "subnet", inputs),
      });
      return { id: made.SubnetId ?? "", state: stateOf(client, made, inputs) };
    } catch (error) {
      // The code says that ranges overlap; only the same range may be this very subnet.
      if (awsCode(error) !== "InvalidSubnet.Conflict") throw error;
      if ((await find(client, inputs)) === undefined) throw error;
      throw new VendorFault("conflict", (error as Error).message, {
        code: "InvalidSubnet.Conflict",
      });
    }
  },
  async finish({ client }, { id, state }, inputs) {
    const wanted = inputs.mapPublicIpOnLaunch ?? false;
    if ((state.mapPublicIpOnLaunch ?? false) !== wanted || state.arn === undefined) {
      const ec2 = await client.ec2(inputs);
      await ec2.modifySubnetAttribute({ SubnetId: id, MapPublicIpOnLaunch: { Value: wanted } });
    }
    return { id, state: { ...state, mapPublicIpOnLaunch: wanted } };
  },
  async read({ client }, id, { inputs, state }) {
    const ec2 = await client.ec2(state);
    const answer = await orMissing(ec2.describeSubnets({ SubnetIds: [id] }));
    const found = answer?.Subnets?.[0];
    const known = { region: state.region, ...inputs };
    return found && { id, state: stateOf(client, found, known) };
  },
  async update({ client }, id, inputs, { state }) {
    const { mapPublicIpOnLaunch } = state;
    return { mapPublicIpOnLaunch, ...(await updateTags(client, id, inputs, state)) };
  },
  async delete({ client }, id, state) {
    await (await client.ec2(state)).deleteSubnet({ SubnetId: id });
  },
  async findExisting({ client }, inputs) {
    const found = await find(client, inputs);
    return found && { id: found.SubnetId ?? "", state: stateOf(client, found, inputs) };
  },
});

async function find(
  client: AwsClient,
  inputs: Regional & { readonly vpcId: string; readonly cidrBlock?: string | undefined },
): Promise<Subnet | undefined> {
  if (inputs.cidrBlock === undefined) return undefined;
  const { Subnets } = await (await client.ec2(inputs)).describeSubnets({
    Filters: [
      { Name: "vpc-id", Values: [inputs.vpcId] },
      { Name: "cidr-block", Values: [inputs.cidrBlock] },
    ],
  });
  return Subnets?.[0];
}

function stateOf(
  client: AwsClient,
  found: Subnet,
  known: Regional & { readonly tags?: { readonly [key: string]: string } | undefined },
) {
  return {
    ...present({
      vpcId: found.VpcId,
      cidrBlock: found.CidrBlock,
      availabilityZone: found.AvailabilityZone,
      availabilityZoneId: found.AvailabilityZoneId,
      mapPublicIpOnLaunch: found.MapPublicIpOnLaunch,
      arn: found.SubnetArn,
      ownerId: found.OwnerId,
    }),
    region: client.regionOf(known),
    ...liveTags(client, found.Tags, known),
  };
}
