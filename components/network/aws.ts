import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { environmentTags } from "../environment-tags.ts";
import { InputError } from "../input-error.ts";
import type { NetworkVendor } from "./network.ts";

const DEFAULT_RANGE = "10.0.0.0/16";
/** RDS and ElastiCache want subnets in two zones at least. */
const ZONES = ["a", "b"];

/** A VPC at AWS with a private subnet in each of two zones. @see https://docs.aws.amazon.com/vpc/ */
export const awsNetwork: NetworkVendor = {
  name: "aws",
  create({ logicalName, networkName, ipRange = DEFAULT_RANGE }, scope, parent) {
    const { provider, region } = scope.aws;
    const child = { parent, provider };
    const tags = (name: string) => ({ Name: name, ...environmentTags(scope) });
    const vpc = new Vpc(
      logicalName,
      { cidrBlock: ipRange, enableDnsHostnames: true, tags: tags(networkName) },
      child,
    );
    const subnets = ZONES.map(
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
