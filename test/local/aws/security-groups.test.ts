import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, startAws, type TestAccount, type TestAws } from "../../support/aws.ts";
import { newGroup, newVpc } from "./networks.ts";

let aws: TestAws;
let staging: TestAccount;
let ec2: TestAccount["ec2"];

beforeAll(async () => {
  aws = await startAws();
  staging = aws.account("staging");
  ec2 = staging.ec2;
});
afterAll(() => aws.close());

describe("a security group", () => {
  const CidrIpv4 = "10.0.0.0/8";
  const postgres = (...ranges: string[]) => ({
    IpProtocol: "tcp",
    FromPort: 5432,
    ToPort: 5432,
    IpRanges: ranges.map((CidrIp) => ({ CidrIp })),
  });

  test("lets everything out and nothing in, until it has rules", async () => {
    const GroupId = await newGroup(staging, await newVpc(staging));
    const rules = async () => {
      const { SecurityGroupRules = [] } = await ec2.send(
        new DescribeSecurityGroupRulesCommand({
          Filters: [{ Name: "group-id", Values: [GroupId] }],
        }),
      );
      return SecurityGroupRules;
    };
    const [everything, ...others] = await rules();
    expect(everything).toMatchObject({ IsEgress: true, IpProtocol: "-1", CidrIpv4: "0.0.0.0/0" });
    expect(others).toEqual([]);

    const { SecurityGroupRules: [rule] = [] } = await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [postgres("10.1.2.3/8")],
        TagSpecifications: [
          { ResourceType: "security-group-rule", Tags: [{ Key: "for", Value: "tests" }] },
        ],
      }),
    );
    expect(rule).toMatchObject({
      IsEgress: false,
      IpProtocol: "tcp",
      FromPort: 5432,
      ToPort: 5432,
      CidrIpv4,
      Tags: [{ Key: "for", Value: "tests" }],
    });
    await ec2.send(
      new RevokeSecurityGroupEgressCommand({
        GroupId,
        SecurityGroupRuleIds: [everything?.SecurityGroupRuleId ?? ""],
      }),
    );
    expect(await rules()).toEqual([rule]);
    const { SecurityGroups } = await ec2.send(
      new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }),
    );
    expect(SecurityGroups).toMatchObject([
      { IpPermissions: [postgres(CidrIpv4)], IpPermissionsEgress: [] },
    ]);
  });

  test("has a rule once, whichever way it is written", async () => {
    const GroupId = await newGroup(staging, await newVpc(staging));
    const allow = (range: string, IpProtocol = "tcp") =>
      ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId,
          IpPermissions: [{ ...postgres(range), IpProtocol }],
        }),
      );
    await allow(CidrIpv4);
    expect(await codeOf(allow("10.9.9.9/8"))).toBe("InvalidPermission.Duplicate");
    expect(await codeOf(allow(CidrIpv4, "6"))).toBe("InvalidPermission.Duplicate");
    await allow("11.0.0.0/8");
    // Of several rules, of which one is there, none is added.
    const both = new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [postgres("12.0.0.0/8", CidrIpv4)],
    });
    expect(await codeOf(ec2.send(both))).toBe("InvalidPermission.Duplicate");
    await allow("12.0.0.0/8");
  });

  test("changes a rule in its place, and revokes it by what it lets in", async () => {
    const GroupId = await newGroup(staging, await newVpc(staging));
    const { SecurityGroupRules: [rule] = [] } = await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [postgres(CidrIpv4)] }),
    );
    const SecurityGroupRuleId = rule?.SecurityGroupRuleId ?? "";
    const SecurityGroupRule = {
      IpProtocol: "tcp",
      FromPort: 6379,
      ToPort: 6380,
      CidrIpv4,
      Description: "caches",
    };
    await ec2.send(
      new ModifySecurityGroupRulesCommand({
        GroupId,
        SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule }],
      }),
    );
    const describeRule = () =>
      ec2.send(
        new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [SecurityGroupRuleId] }),
      );
    expect((await describeRule()).SecurityGroupRules).toMatchObject([SecurityGroupRule]);
    const revoke = (FromPort: number) =>
      ec2.send(
        new RevokeSecurityGroupIngressCommand({
          GroupId,
          IpPermissions: [{ ...postgres(CidrIpv4), FromPort, ToPort: 6380 }],
        }),
      );
    expect(await codeOf(revoke(5432))).toBe("InvalidPermission.NotFound");
    await revoke(6379);
    expect(await codeOf(describeRule())).toBe("InvalidSecurityGroupRuleId.NotFound");
  });

  test("that another group's rule names stays", async () => {
    const VpcId = await newVpc(staging);
    const [GroupId, other] = [
      await newGroup(staging, VpcId, "web"),
      await newGroup(staging, VpcId, "database"),
    ];
    const permission = {
      GroupId: other,
      IpPermissions: [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId }] }],
    };
    const { SecurityGroupRules } = await ec2.send(
      new AuthorizeSecurityGroupIngressCommand(permission),
    );
    expect(SecurityGroupRules).toMatchObject([{ ReferencedGroupInfo: { GroupId } }]);
    const remove = () => ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    expect(await codeOf(remove())).toBe("DependencyViolation");
    await ec2.send(new RevokeSecurityGroupIngressCommand(permission));
    await remove();
  });

  test("has its name alone in its VPC, and default is the VPC's own", async () => {
    const [VpcId, other] = [await newVpc(staging), await newVpc(staging)];
    await newGroup(staging, VpcId);
    expect(await codeOf(newGroup(staging, VpcId))).toBe("InvalidGroup.Duplicate");
    await newGroup(staging, other);
    expect(await codeOf(newGroup(staging, VpcId, "default"))).toBe("InvalidParameterValue");
    const { SecurityGroups: [own] = [] } = await ec2.send(
      new DescribeSecurityGroupsCommand({
        Filters: [
          { Name: "vpc-id", Values: [VpcId] },
          { Name: "group-name", Values: ["def*"] },
        ],
      }),
    );
    const GroupId = own?.GroupId ?? "";
    expect(await codeOf(ec2.send(new DeleteSecurityGroupCommand({ GroupId })))).toBe(
      "CannotDelete",
    );
  });

  test.each([
    ["ports the wrong way round", { FromPort: 10, ToPort: 1 }, "InvalidParameterValue"],
    ["a protocol that there is not", { IpProtocol: "morse" }, "InvalidParameterValue"],
    ["a block that is none", { IpRanges: [{ CidrIp: "10.0.0.0" }] }, "InvalidParameterValue"],
    ["nobody to let in", { IpRanges: [] }, "MissingParameter"],
    [
      "a group that there is not",
      { IpRanges: [], UserIdGroupPairs: [{ GroupId: "sg-0123456789abcdef0" }] },
      "InvalidGroup.NotFound",
    ],
    ["prefix lists", { PrefixListIds: [{ PrefixListId: "pl-1" }] }, "InvalidParameterValue"],
  ])("refuses a rule with %s", async (_, change, code) => {
    const GroupId = await newGroup(staging, await newVpc(staging));
    const IpPermissions = [{ ...postgres(CidrIpv4), ...change }];
    const rule = { GroupId, IpPermissions };
    const refused = [
      await codeOf(ec2.send(new AuthorizeSecurityGroupIngressCommand(rule))),
      await codeOf(ec2.send(new AuthorizeSecurityGroupEgressCommand(rule))),
    ];
    expect(refused).toEqual([code, code]);
  });
});
