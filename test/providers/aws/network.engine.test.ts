import {
  AuthorizeSecurityGroupIngressCommand,
  CreateTagsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AwsProject, openAwsProject, UP } from "./aws-project.ts";

let project: AwsProject;
let ec2: EC2Client;

beforeAll(async () => {
  project = await openAwsProject();
  ec2 = new EC2Client(project.client);
});
afterAll(() => project?.close());

const HEAD = `
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule.js";
import { getAvailabilityZonesOutput } from "@pulumi/aws/getAvailabilityZones.js";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity.js";
import { getRegionOutput } from "@pulumi/aws/getRegion.js";
`;

const stack = (
  changes: { hostnames?: boolean; port?: number; cidr?: string; open?: string; name?: string } = {},
) => `${HEAD}
const zones = getAvailabilityZonesOutput({ state: "available" });
const vpc = new Vpc("net", { cidrBlock: "10.20.0.0/16", enableDnsHostnames: ${changes.hostnames ?? false}, tags: { Name: "${changes.name ?? "net"}" } });
const subnets = [0, 1].map((index) => new Subnet(\`net-\${index}\`, { vpcId: vpc.id, cidrBlock: \`10.20.\${index}.0/24\`, availabilityZone: zones.names[index], mapPublicIpOnLaunch: index === 0 }));
const app = new SecurityGroup("app", { vpcId: vpc.id, description: "the app" });
const db = new SecurityGroup("db", {
  name: "db", vpcId: vpc.id,
  ingress: [
    { protocol: "tcp", fromPort: 5432, toPort: 5432, cidrBlocks: ["${changes.cidr ?? "10.20.0.0/24"}"], securityGroups: [app.id], description: "app" },
    { protocol: "-1", fromPort: 0, toPort: 0, self: true },
  ],
  egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
});
const rule = new SecurityGroupIngressRule("open", { securityGroupId: app.id, ipProtocol: "tcp", fromPort: ${changes.port ?? 443}, toPort: ${changes.port ?? 443}, cidrIpv4: "${changes.open ?? "127.0.0.0/8"}", tags: { Name: "open" } });
new SecurityGroupEgressRule("out", { securityGroupId: app.id, ipProtocol: "-1", cidrIpv4: "0.0.0.0/0" });
export const vpcArn = vpc.arn;
export const mainRouteTableId = vpc.mainRouteTableId;
export const defaultSecurityGroupId = vpc.defaultSecurityGroupId;
export const subnetArn = subnets[0].arn;
export const zone = subnets[1].availabilityZone;
export const appId = app.id;
export const appName = app.name;
export const dbId = db.id;
export const ruleId = rule.securityGroupRuleId;
export const account = getCallerIdentityOutput().accountId;
export const region = getRegionOutput().description;
`;

test("a network comes up, and a following preview and refresh change nothing", async () => {
  project.scratch.program(stack());
  await project.pulumi(...UP);
  const { accountId } = project.account;
  const outputs = await project.scratch.outputs();
  expect(outputs).toMatchObject({
    vpcArn: expect.stringMatching(`^arn:aws:ec2:us-east-1:${accountId}:vpc/vpc-`),
    mainRouteTableId: expect.stringMatching(/^rtb-/),
    defaultSecurityGroupId: expect.stringMatching(/^sg-/),
    subnetArn: expect.stringMatching(`^arn:aws:ec2:us-east-1:${accountId}:subnet/subnet-`),
    zone: "us-east-1b",
    appName: expect.stringMatching(/^app-[0-9a-f]{7}$/),
    ruleId: expect.stringMatching(/^sgr-/),
    account: accountId,
    region: "US East (N. Virginia)",
  });
  await project.pulumi("preview", "--expect-no-changes", "--diff");
  await project.pulumi("refresh", "--yes", "--expect-no-changes", "--diff");
});

test("a group without egress rules lets nothing out but what rules of their own say", async () => {
  const { appId, dbId } = await project.scratch.outputs();
  const describe = async (id: unknown) => {
    const GroupIds = [String(id)];
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds }));
    return SecurityGroups?.[0];
  };
  expect((await describe(appId))?.IpPermissionsEgress).toHaveLength(1);
  expect((await describe(dbId))?.IpPermissions).toHaveLength(2);
});

test("attributes, rules and tags change in place", async () => {
  project.scratch.program(
    stack({ hostnames: true, port: 8443, cidr: "10.20.1.0/24", name: "renamed" }),
  );
  const preview = await project.pulumi("preview");
  expect(preview).toContain("3 to update");
  await project.pulumi(...UP);
  await project.pulumi("refresh", "--yes", "--expect-no-changes", "--diff");
  const { Vpcs } = await ec2.send(
    new DescribeVpcsCommand({ Filters: [{ Name: "cidr", Values: ["10.20.0.0/16"] }] }),
  );
  expect(Vpcs?.[0]?.Tags).toEqual([{ Key: "Name", Value: "renamed" }]);
});

test("another peer is another rule", async () => {
  project.scratch.program(
    stack({
      hostnames: true,
      port: 8443,
      cidr: "10.20.1.0/24",
      name: "renamed",
      open: "10.0.0.0/8",
    }),
  );
  const preview = await project.pulumi("preview", "--diff");
  expect(preview).toMatch(/\+-\s*aws:vpc\/securityGroupIngressRule:.*\(replace\)/);
  await project.pulumi(...UP);
});

test("refresh sees a rule that somebody opened and a tag that somebody changed, and up repairs it", async () => {
  const { dbId } = await project.scratch.outputs();
  const open = { CidrIp: "0.0.0.0/0" };
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: String(dbId),
      IpPermissions: [{ IpProtocol: "tcp", FromPort: 5432, ToPort: 5432, IpRanges: [open] }],
    }),
  );
  await ec2.send(
    new CreateTagsCommand({ Resources: [String(dbId)], Tags: [{ Key: "who", Value: "me" }] }),
  );
  const output = await project.pulumi("refresh", "--yes", "--diff");
  expect(output).toContain("0.0.0.0/0");
  expect(output).toMatch(/~ aws:ec2\/securityGroup:SecurityGroup: \(update\)/);
  await project.pulumi(...UP);
  const { SecurityGroups } = await ec2.send(
    new DescribeSecurityGroupsCommand({ GroupIds: [String(dbId)] }),
  );
  expect(JSON.stringify(SecurityGroups?.[0]?.IpPermissions)).not.toContain("0.0.0.0/0");
  expect(SecurityGroups?.[0]?.Tags ?? []).toEqual([]);
});

test("subnets and groups whose creation lost its answer are adopted", async () => {
  const more = `${stack({ hostnames: true, port: 8443, cidr: "10.20.1.0/24", name: "renamed", open: "10.0.0.0/8" })}
const lost = new Subnet("lost", { vpcId: vpc.id, cidrBlock: "10.20.9.0/24" });
export const lostId = lost.id;`;
  project.scratch.program(more);
  project.aws.loseAnswerTo(/Action=CreateSubnet&.*10\.20\.9\.0/);
  await project.pulumi(...UP);
  await project.pulumi("preview", "--expect-no-changes");
  expect((await project.scratch.outputs()).lostId).toMatch(/^subnet-/);
});

test("destroy leaves nothing", async () => {
  await project.pulumi("destroy", "--yes");
  const { Vpcs } = await ec2.send(
    new DescribeVpcsCommand({ Filters: [{ Name: "cidr", Values: ["10.20.0.0/16"] }] }),
  );
  expect(Vpcs).toEqual([]);
});

test("a VPC that exists can be imported, and is then clean", async () => {
  project.scratch.program(
    `${HEAD}export const vpc = new Vpc("made", { cidrBlock: "10.30.0.0/16", enableDnsHostnames: true }).id;`,
  );
  await project.pulumi(...UP);
  const { vpc } = await project.scratch.outputs();
  const urn = "urn:pulumi:test::scratch::aws:ec2/vpc:Vpc::made";
  await project.pulumi("state", "delete", urn, "--yes");
  await project.pulumi(
    ...["import", "aws:ec2/vpc:Vpc", "made", String(vpc)],
    ...["--yes", "--protect=false", "--generate-code=false"],
  );
  await project.pulumi("preview", "--expect-no-changes", "--diff");
});
