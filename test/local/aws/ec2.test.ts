import {
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteTagsCommand,
  DeleteVpcCommand,
  DescribeAvailabilityZonesCommand,
  DescribeNetworkAclsCommand,
  DescribeRegionsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inventory } from "../../../local/aws/index.ts";
import { codeOf, startAws, type TestAccount, type TestAws } from "../../support/aws.ts";
import { newGroup, newVpc } from "./networks.ts";

let aws: TestAws;
let staging: TestAccount;
let production: TestAccount;
let ec2: TestAccount["ec2"];

beforeAll(async () => {
  aws = await startAws();
  staging = aws.account("staging");
  production = aws.account("production");
  ec2 = staging.ec2;
});
afterAll(() => aws.close());

describe("a VPC", () => {
  test("is what was asked for, with what the vendor makes with it", async () => {
    const { Vpc } = await ec2.send(
      new CreateVpcCommand({
        CidrBlock: "10.20.30.40/16",
        TagSpecifications: [
          { ResourceType: "vpc", Tags: [{ Key: "Name", Value: `<main> & "more"` }] },
        ],
      }),
    );
    const VpcId = Vpc?.VpcId ?? "";
    expect(Vpc).toMatchObject({
      CidrBlock: "10.20.0.0/16",
      State: "available",
      OwnerId: staging.accountId,
      IsDefault: false,
      InstanceTenancy: "default",
      Tags: [{ Key: "Name", Value: `<main> & "more"` }],
    });
    expect(VpcId).toMatch(/^vpc-[0-9a-f]{17}$/);

    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }));
    expect(Vpcs).toEqual([Vpc]);
    const Filters = [{ Name: "vpc-id", Values: [VpcId] }];
    const { RouteTables } = await ec2.send(
      new DescribeRouteTablesCommand({
        Filters: [...Filters, { Name: "association.main", Values: ["true"] }],
      }),
    );
    expect(RouteTables).toMatchObject([
      { VpcId, Associations: [{ Main: true }], Routes: [{ GatewayId: "local" }] },
    ]);
    const { NetworkAcls } = await ec2.send(
      new DescribeNetworkAclsCommand({
        Filters: [...Filters, { Name: "default", Values: ["true"] }],
      }),
    );
    expect(NetworkAcls).toMatchObject([{ VpcId, IsDefault: true }]);
    const { SecurityGroups } = await ec2.send(
      new DescribeSecurityGroupsCommand({
        Filters: [...Filters, { Name: "group-name", Values: ["default"] }],
      }),
    );
    expect(SecurityGroups).toMatchObject([{ VpcId, GroupName: "default" }]);
  });

  test("resolves names, and gives them when it is told to", async () => {
    const VpcId = await newVpc(staging);
    const attributes = async () => {
      const [support, names] = await Promise.all([
        ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: "enableDnsSupport" })),
        ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: "enableDnsHostnames" })),
      ]);
      return [support.EnableDnsSupport?.Value, names.EnableDnsHostnames?.Value];
    };
    expect(await attributes()).toEqual([true, false]);
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsSupport: { Value: false } }));
    expect(await attributes()).toEqual([false, true]);
  });

  test("cannot have a block that is none, or of a length that the vendor does not have", async () => {
    const codes = ["10.0.0.0", "10.0.0.256/16", "10.0.0.0/8", "10.0.0.0/29"].map((CidrBlock) =>
      codeOf(ec2.send(new CreateVpcCommand({ CidrBlock }))),
    );
    expect(await Promise.all(codes)).toEqual([
      "InvalidParameterValue",
      "InvalidParameterValue",
      "InvalidVpc.Range",
      "InvalidVpc.Range",
    ]);
  });

  test("stays as long as a subnet or a security group is in it", async () => {
    const VpcId = await newVpc(staging);
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.0.0.0/24" }));
    const remove = () => ec2.send(new DeleteVpcCommand({ VpcId }));
    expect(await codeOf(remove())).toBe("DependencyViolation");
    await ec2.send(new DeleteSubnetCommand({ SubnetId: Subnet?.SubnetId }));
    const GroupId = await newGroup(staging, VpcId);
    expect(await codeOf(remove())).toBe("DependencyViolation");
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    await remove();
    expect(await codeOf(ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] })))).toBe(
      "InvalidVpcID.NotFound",
    );
  });

  test("is not there for another account, nor in another region", async () => {
    const VpcId = await newVpc(staging);
    const elsewhere = aws.clients(staging, "eu-central-1").ec2;
    for (const other of [production.ec2, elsewhere]) {
      expect(await codeOf(other.send(new DescribeVpcsCommand({ VpcIds: [VpcId] })))).toBe(
        "InvalidVpcID.NotFound",
      );
      expect(await codeOf(other.send(new DeleteVpcCommand({ VpcId })))).toBe(
        "InvalidVpcID.NotFound",
      );
    }
    expect(await codeOf(ec2.send(new DescribeVpcsCommand({ VpcIds: ["main"] })))).toBe(
      "InvalidVpcID.Malformed",
    );
    await ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }));
  });

  test("is there from the beginning, with a subnet in every zone; the inventory counts others only", async () => {
    const { ec2: fresh, accountId } = aws.account("fresh");
    const { Vpcs } = await fresh.send(
      new DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["true"] }] }),
    );
    expect(Vpcs).toMatchObject([{ CidrBlock: "172.31.0.0/16", IsDefault: true }]);
    const { Subnets = [] } = await fresh.send(new DescribeSubnetsCommand({}));
    const { AvailabilityZones = [] } = await fresh.send(new DescribeAvailabilityZonesCommand({}));
    expect(Subnets.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual(
      AvailabilityZones.map(({ ZoneName }) => ZoneName),
    );
    expect(inventory(aws.cloud, accountId)).toMatchObject({ VPCs: 0 });
    await fresh.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    expect(inventory(aws.cloud, accountId)).toMatchObject({ VPCs: 1 });
  });
});

describe("a subnet", () => {
  test("is part of its VPC, of which no other subnet has the same part", async () => {
    const VpcId = await newVpc(staging);
    const create = (CidrBlock: string, AvailabilityZone = "us-east-1b") =>
      ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }));
    const { Subnet } = await create("10.0.1.0/24");
    expect(Subnet).toMatchObject({
      VpcId,
      CidrBlock: "10.0.1.0/24",
      AvailabilityZone: "us-east-1b",
      AvailabilityZoneId: "use1-az2",
      AvailableIpAddressCount: 251,
      MapPublicIpOnLaunch: false,
    });
    expect(await codeOf(create("10.0.1.128/25"))).toBe("InvalidSubnet.Conflict");
    expect(await codeOf(create("10.0.0.0/20"))).toBe("InvalidSubnet.Conflict");
    expect(await codeOf(create("10.1.0.0/24"))).toBe("InvalidSubnet.Range");
    expect(await codeOf(create("10.0.2.0/29"))).toBe("InvalidSubnet.Range");
    expect(await codeOf(create("10.0.2.0/24", "us-east-2a"))).toBe("InvalidParameterValue");
    await create("10.0.2.0/24");
  });

  test("gives public addresses when it is told to", async () => {
    const VpcId = await newVpc(staging);
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.0.0.0/24" }));
    const SubnetId = Subnet?.SubnetId ?? "";
    const MapPublicIpOnLaunch = { Value: true };
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch }));
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [SubnetId] }));
    expect(Subnets).toMatchObject([{ MapPublicIpOnLaunch: true }]);
  });
});

test("tags are added, changed, found and removed", async () => {
  const VpcId = await newVpc(staging);
  const tags = async () => {
    const { Tags = [] } = await ec2.send(
      new DescribeTagsCommand({ Filters: [{ Name: "resource-id", Values: [VpcId] }] }),
    );
    return Tags.map(({ Key, Value }) => `${Key}=${Value}`);
  };
  const Tags = [
    { Key: "system", Value: "cutty" },
    { Key: "tier", Value: "" },
  ];
  await ec2.send(new CreateTagsCommand({ Resources: [VpcId], Tags }));
  await ec2.send(
    new CreateTagsCommand({ Resources: [VpcId], Tags: [{ Key: "tier", Value: "test" }] }),
  );
  expect(await tags()).toEqual(["system=cutty", "tier=test"]);
  const found = await ec2.send(
    new DescribeVpcsCommand({ Filters: [{ Name: "tag:tier", Values: ["t?st"] }] }),
  );
  expect(found.Vpcs).toMatchObject([{ VpcId }]);
  await ec2.send(
    new DeleteTagsCommand({
      Resources: [VpcId],
      Tags: [{ Key: "system", Value: "other" }, { Key: "tier" }],
    }),
  );
  expect(await tags()).toEqual(["system=cutty"]);
  const reserved = { Resources: [VpcId], Tags: [{ Key: "aws:x", Value: "" }] };
  expect(await codeOf(ec2.send(new CreateTagsCommand(reserved)))).toBe("InvalidParameterValue");
});

test("lists come in pages, and filters that there are not are refused", async () => {
  const VpcId = await newVpc(staging);
  for (let index = 0; index < 6; index += 1) {
    await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: `10.0.${index}.0/24` }));
  }
  const Filters = [{ Name: "vpc-id", Values: [VpcId] }];
  const first = await ec2.send(new DescribeSubnetsCommand({ Filters, MaxResults: 5 }));
  const { NextToken } = first;
  expect(first.Subnets).toHaveLength(5);
  const second = await ec2.send(new DescribeSubnetsCommand({ Filters, MaxResults: 5, NextToken }));
  expect(second.Subnets).toHaveLength(1);
  expect(second.NextToken).toBeUndefined();
  const unknown = new DescribeSubnetsCommand({ Filters: [{ Name: "colour", Values: ["red"] }] });
  expect(await codeOf(ec2.send(unknown))).toBe("InvalidParameterValue");
});

test("regions and zones are the vendor's", async () => {
  const { Regions = [] } = await ec2.send(new DescribeRegionsCommand({}));
  expect(Regions.map(({ RegionName }) => RegionName)).toContain("eu-central-1");
  const { AvailabilityZones } = await ec2.send(
    new DescribeAvailabilityZonesCommand({ ZoneNames: ["us-east-1a"] }),
  );
  expect(AvailabilityZones).toMatchObject([{ ZoneId: "use1-az1", State: "available" }]);
});
