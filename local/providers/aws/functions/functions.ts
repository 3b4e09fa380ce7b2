/** Functions of the package that programs use to find out where they are. */
import { ProviderError } from "../../../../providers/sdk/fault.ts";
import { optional, output } from "../rows.ts";
import { defineInvoke } from "../shared.ts";
import { describeRegion } from "./regions.ts";

/** `aws.getCallerIdentity`. @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const getCallerIdentity = defineInvoke({
  token: "aws:index/getCallerIdentity:getCallerIdentity",
  doc: "Whom the credentials belong to.",
  args: { id: optional("string", "Has no effect.") },
  returns: {
    accountId: output("string", "Account of the credentials."),
    arn: output("string", "ARN of the caller."),
    id: output("string", "Account of the credentials."),
    userId: output("string", "Id of the caller."),
  },
  async run(client) {
    const { Account, Arn, UserId } = await (await client.sts()).getCallerIdentity({});
    return { accountId: Account, arn: Arn, id: Account, userId: UserId };
  },
});

/** `aws.getAvailabilityZones`. @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html */
export const getAvailabilityZones = defineInvoke({
  token: "aws:index/getAvailabilityZones:getAvailabilityZones",
  doc: "Availability zones of a region.",
  args: {
    region: optional("string", "The region; else the provider's."),
    allAvailabilityZones: optional(
      "boolean",
      "Whether zones that are not opted into are told too.",
    ),
    excludeNames: optional({ array: "string" }, "Zones to leave out, by name."),
    excludeZoneIds: optional({ array: "string" }, "Zones to leave out, by id."),
    filters: optional(
      {
        array: {
          object: {
            name: optional("string", "Name of the filter."),
            values: optional({ array: "string" }, "Values that fit."),
          },
        },
      },
      "Filters of the API.",
    ),
    state: optional("string", "State of the zones."),
  },
  returns: {
    groupNames: output({ array: "string" }, "Groups of the zones."),
    id: output("string", "The region."),
    names: output({ array: "string" }, "Names of the zones."),
    region: output("string", "The region."),
    zoneIds: output({ array: "string" }, "Ids of the zones."),
  },
  async run(client, args) {
    const ec2 = await client.ec2(args);
    const filters = (args.filters ?? []).map(({ name, values }) => ({
      Name: name,
      Values: [...(values ?? [])],
    }));
    const state = args.state ? [{ Name: "state", Values: [args.state] }] : [];
    const { AvailabilityZones = [] } = await ec2.describeAvailabilityZones({
      ...(args.allAvailabilityZones ? { AllAvailabilityZones: true } : {}),
      ...(filters.length + state.length > 0 ? { Filters: [...filters, ...state] } : {}),
    });
    const zones = AvailabilityZones.filter(
      ({ ZoneName = "", ZoneId = "" }) =>
        !args.excludeNames?.includes(ZoneName) && !args.excludeZoneIds?.includes(ZoneId),
    ).sort((a, b) => ((a.ZoneName ?? "") < (b.ZoneName ?? "") ? -1 : 1));
    const region = client.regionOf(args);
    return {
      groupNames: [...new Set(zones.flatMap(({ GroupName }) => GroupName ?? []))],
      id: region,
      names: zones.flatMap(({ ZoneName }) => ZoneName ?? []),
      region,
      zoneIds: zones.flatMap(({ ZoneId }) => ZoneId ?? []),
    };
  },
});

/** `aws.getRegion`. @see https://docs.aws.amazon.com/general/latest/gr/rande.html */
export const getRegion = defineInvoke({
  token: "aws:index/getRegion:getRegion",
  doc: "A region, by default the provider's.",
  args: {
    region: optional("string", "The region; else the provider's."),
    name: optional("string", "The region.", { deprecated: "Use region instead." }),
    endpoint: optional("string", "Endpoint of EC2 in the region."),
    id: optional("string", "Has no effect.", { deprecated: "Use region instead." }),
  },
  returns: {
    description: output("string", "Where the region is."),
    endpoint: output("string", "Endpoint of EC2 in the region."),
    id: output("string", "The region."),
    name: output("string", "The region."),
    region: output("string", "The region."),
  },
  async run(client, args) {
    const named = args.endpoint?.match(/^ec2\.([^.]+)\./)?.[1];
    if (args.endpoint !== undefined && named === undefined)
      throw new ProviderError(
        `${args.endpoint} is not an endpoint of EC2. Use the form ec2.<region>.amazonaws.com.`,
      );
    const region = args.region || args.name || named || client.settings.region;
    return {
      description: describeRegion(region),
      endpoint: `ec2.${region}.amazonaws.com`,
      id: region,
      name: region,
      region,
    };
  },
});
