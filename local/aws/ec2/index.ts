import type { AwsService } from "../protocol/operation.ts";
import { placeOperations } from "./places.ts";
import { type OnRulesChanged, ruleOperations } from "./rule-operations.ts";
import { groupOperations } from "./security-groups.ts";
import { subnetOperations } from "./subnets.ts";
import { tagOperations } from "./tags.ts";
import { vpcOperations } from "./vpcs.ts";

/**
 * EC2's networking, as far as databases need it: VPCs, subnets, security groups. Nothing is routed; what a
 * security group lets in is what the servers behind it let in.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
 */
export const ec2 = (onRulesChanged: OnRulesChanged): AwsService => ({
  name: "ec2",
  protocol: "ec2",
  version: "2016-11-15",
  namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
  client: () => import("@aws-sdk/client-ec2"),
  operations: {
    ...placeOperations,
    ...vpcOperations,
    ...subnetOperations,
    ...groupOperations,
    ...ruleOperations(onRulesChanged),
    ...tagOperations,
  },
});
