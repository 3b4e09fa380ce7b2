import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { environmentTags } from "../environment-tags.ts";
import { InputError } from "../input-error.ts";
import type { NetworkVendor } from "./network.ts";

const DEFAULT_RANGE = "10.0.0.0/16";
const DEFAULT_ZONES = ["a", "b"];
/** RDS and ElastiCache want subnets in two zones at least. */
const LEAST_ZONES = 2;

/** A VPC at AWS with a private subnet in each of its zones. @see https://docs.aws.amazon.com/vpc/ */
export const awsNetwork: NetworkVendor = {
  name: "aws",
  create(spec, scope, parent) {
    const { logicalName, networkName, ipRange = DEFAULT_RANGE, zones = DEFAULT_ZONES } = spec;
    assertZones(zones);
    const { provider, region } = scope.aws;
    const child = { parent, provider };
    const tags = (name: string) => ({ Name: name, ...environmentTags(scope) });
    const vpc = new Vpc(
      logicalName,
      { cidrBlock: ipRange, enableDnsHostnames: true, tags: tags(networkName) },
      child,
    );
    const subnets = zones.map(
      (zone, index) =>
        new Subnet(
          `${logicalName}-${zone}`,
          {
            vpcId: vpc.id,
            availabilityZone: `${region}${zone}`,
            cidrBlock: subnetRange(ipRange, index),
            tags: tags(`${networkName}-${zone}`),
          },
          child,
        ),
    );
    return { id: vpc.id, ipRange: vpc.cidrBlock, subnetIds: subnets.map(({ id }) => id) };
  },
};

function assertZones(zones: readonly string[]): void {
  const bad = zones.find((zone) => !/^[a-z]$/.test(zone));
  const problem =
    bad !== undefined
      ? `"${bad}" is not the letter of one`
      : new Set(zones).size < zones.length
        ? "one is named twice"
        : zones.length < LEAST_ZONES
          ? `RDS and ElastiCache need ${LEAST_ZONES} at least`
          : undefined;
  if (problem === undefined) return;
  throw new InputError(
    `zones is ${JSON.stringify(zones)}, and ${problem}. Give letters of zones that the account has in the region, ` +
      'such as ["a", "c"]; `aws ec2 describe-availability-zones` lists them.',
  );
}

/**
 * The /24 with this number inside a /16.
 *
 * @throws InputError for a range of another size.
 */
export function subnetRange(ipRange: string, index: number): string {
  const match = /^(\d+)\.(\d+)\.0\.0\/16$/.exec(ipRange);
  if (match === null) {
    throw new InputError(`ipRange "${ipRange}" is no /16. Use one such as ${DEFAULT_RANGE}.`);
  }
  return `${match[1]}.${match[2]}.${index}.0/24`;
}
