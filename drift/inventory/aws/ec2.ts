/** Networks at AWS. What they let in beside the state shows in a refresh. */
import {
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcs,
} from "@aws-sdk/client-ec2";
import type { AwsClients } from "../../vendors/aws.ts";
import { collected, type Product, productsOf } from "../product.ts";
import { labelsOf, nameOf } from "./tags.ts";

const product = productsOf<AwsClients>();

export const EC2_PRODUCTS: readonly Product<AwsClients>[] = [
  product({
    types: ["aws:ec2/vpc:Vpc", "aws:ec2/defaultVpc:DefaultVpc"],
    thing: "VPC",
    permission: "the right ec2:DescribeVpcs",
    list: async ({ ec2: client }) =>
      (await collected(paginateDescribeVpcs({ client }, {}))).flatMap(({ Vpcs = [] }) => Vpcs),
    item: ({ VpcId: id = "", Tags }) => ({ id, name: nameOf(Tags, id) }),
    labels: (_, { Tags }) => labelsOf(Tags),
    remove: ({ ec2 }, { VpcId }) => ec2.send(new DeleteVpcCommand({ VpcId })),
    defaults: [
      {
        because: "AWS makes a default VPC in every region of an account.",
        fits: ({ IsDefault }) => IsDefault === true,
      },
    ],
  }),
  product({
    types: ["aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet"],
    thing: "subnet",
    permission: "the right ec2:DescribeSubnets",
    list: async ({ ec2: client }) =>
      (await collected(paginateDescribeSubnets({ client }, {}))).flatMap(
        ({ Subnets = [] }) => Subnets,
      ),
    item: ({ SubnetId: id = "", Tags }) => ({ id, name: nameOf(Tags, id) }),
    labels: (_, { Tags }) => labelsOf(Tags),
    remove: ({ ec2 }, { SubnetId }) => ec2.send(new DeleteSubnetCommand({ SubnetId })),
    defaults: [
      {
        because: "AWS makes a subnet of the default VPC in every zone.",
        fits: ({ DefaultForAz }) => DefaultForAz === true,
      },
    ],
  }),
  product({
    types: [
      "aws:ec2/securityGroup:SecurityGroup",
      "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    ],
    thing: "security group",
    permission: "the right ec2:DescribeSecurityGroups",
    list: async ({ ec2: client }) =>
      (await collected(paginateDescribeSecurityGroups({ client }, {}))).flatMap(
        ({ SecurityGroups = [] }) => SecurityGroups,
      ),
    item: ({ GroupId: id = "", GroupName: name = id }) => ({ id, name }),
    labels: (_, { Tags }) => labelsOf(Tags),
    remove: ({ ec2 }, { GroupId }) => ec2.send(new DeleteSecurityGroupCommand({ GroupId })),
    defaults: [
      {
        because: "AWS makes a security group `default` in every VPC, which nobody can delete.",
        fits: ({ GroupName }) => GroupName === "default",
      },
    ],
  }),
];
