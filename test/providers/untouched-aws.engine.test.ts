import { AuthorizeSecurityGroupEgressCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { awsProvider } from "../../local/providers/aws/provider.ts";
import { type AwsProject, openAwsProject } from "./aws/aws-project.ts";
import { expectRefreshFindsNothing, recorded } from "./untouched.ts";

const GROUP = "urn:pulumi:test::scratch::aws:ec2/securityGroup:SecurityGroup";
const OPEN = { CidrIp: "198.51.100.0/24" };

let project: AwsProject;

beforeAll(async () => {
  project = await openAwsProject();
});
afterAll(() => project?.close());

interface Changes {
  /** The parts of what can be changed in place; another text each time changes each of them. */
  readonly text?: string;
  readonly number?: number;
}

const network = ({ text = "one", number = 1 }: Changes) => `
const vpc = new aws.ec2.Vpc("net", { cidrBlock: "10.20.0.0/16", enableDnsHostnames: ${number > 1} });
const subnetIds = ["a", "b"].map((zone, index) =>
  new aws.ec2.Subnet(zone, { vpcId: vpc.id, cidrBlock: \`10.20.\${index}.0/24\`, availabilityZone: \`us-east-1\${zone}\`, mapPublicIpOnLaunch: ${number > 1} }).id);
new aws.ec2.Subnet("tagged", { vpcId: vpc.id, cidrBlock: "10.20.9.0/24", tags: { Name: "${text}" } });
const open = { protocol: "tcp", fromPort: ${number}, toPort: 7000, cidrBlocks: ["127.0.0.0/8", "10.20.0.0/16"] };
const inline = new aws.ec2.SecurityGroup("inline", { vpcId: vpc.id, ingress: [open, { protocol: "-1", fromPort: 0, toPort: 0, self: true }] });
const separate = new aws.ec2.SecurityGroup("separate", { vpcId: vpc.id, tags: { Name: "${text}" } });
new aws.vpc.SecurityGroupIngressRule("in", { securityGroupId: separate.id, ipProtocol: "tcp", fromPort: ${number}, toPort: 7000, referencedSecurityGroupId: inline.id });
new aws.vpc.SecurityGroupIngressRule("near", { securityGroupId: separate.id, ipProtocol: "-1", cidrIpv4: "127.0.0.0/8", description: "${text}", tags: { Name: "${text}" } });
new aws.vpc.SecurityGroupEgressRule("out", { securityGroupId: separate.id, ipProtocol: "-1", cidrIpv4: "0.0.0.0/0" });
`;

const databases = ({ text = "one", number = 1 }: Changes) => `
const subnetGroup = new aws.rds.SubnetGroup("db", { subnetIds, tags: { Name: "${text}" } });
new aws.rds.SubnetGroup("described", { name: "described", subnetIds, description: "${text}" });
const parameters = new aws.rds.ParameterGroup("db", { family: "postgres17", parameters: [{ name: "work_mem", value: "${8192 * number}" }] });
new aws.rds.ParameterGroup("plain", { family: "postgres17", tags: { Name: "${text}" } });
const db = new aws.rds.Instance("db", {
  engine: "postgres", instanceClass: "db.t4g.micro", allocatedStorage: ${20 * number},
  dbName: "shop", username: "owner", password: "correct-horse-battery-${text}",
  dbSubnetGroupName: subnetGroup.name, parameterGroupName: parameters.name,
  vpcSecurityGroupIds: [inline.id], applyImmediately: true, skipFinalSnapshot: true,
  backupRetentionPeriod: ${number},
});
new aws.rds.Snapshot("first", { dbInstanceIdentifier: db.identifier, dbSnapshotIdentifier: "first", tags: { Name: "${text}" } });
`;

const caches = ({ text = "one", number = 1 }: Changes) => `
const cacheSubnets = new aws.elasticache.SubnetGroup("cache", { subnetIds, tags: { Name: "${text}" } });
const cacheParameters = new aws.elasticache.ParameterGroup("cache", { family: "valkey8", parameters: [{ name: "maxmemory-policy", value: "${number > 1 ? "allkeys-lru" : "noeviction"}" }] });
new aws.elasticache.ParameterGroup("plain", { family: "valkey8", tags: { Name: "${text}" } });
const engine = "valkey";
const nobody = new aws.elasticache.User("nobody", { userId: "nobody", userName: "default", engine, accessString: "off -@all", passwords: ["never-used-by-anybody"], tags: { Name: "${text}" } });
new aws.elasticache.User("free", { userId: "free", userName: "free", engine: "redis", accessString: "off ~${text}:* +@read", noPasswordRequired: true });
const given = new aws.elasticache.User("given", { userId: "given", userName: "given", engine, accessString: "on ~${text}:* +@all", passwords: ["correct-horse-battery", "staple-of-a-horse-${text}"].slice(0, ${number}) });
const moded = new aws.elasticache.User("moded", { userId: "moded", userName: "moded", engine, accessString: "on ~* +@all", authenticationMode: { type: "password", passwords: ["correct-horse-battery-${text}"] } });
const users = new aws.elasticache.UserGroup("cache", { userGroupId: "cache", engine, userIds: [nobody.userId, given.userId${number > 1 ? ", moded.userId" : ""}] });
new aws.elasticache.ReplicationGroup("cache", {
  replicationGroupId: "cache", description: "${text}", engine, nodeType: "cache.t4g.micro", numCacheClusters: 1,
  transitEncryptionEnabled: true, applyImmediately: true, subnetGroupName: cacheSubnets.name,
  parameterGroupName: cacheParameters.name, securityGroupIds: [separate.id], userGroupIds: [users.userGroupId],
});
`;

/** Every setting of a bucket with as little as possible, since the vendor says the rest. */
const buckets = ({ text = "one", number = 1 }: Changes) => `
const files = new aws.s3.Bucket("files", { forceDestroy: ${number > 1} });
const { bucket } = files;
new aws.s3.Bucket("tagged", { tags: { Name: "${text}" } });
new aws.s3.BucketVersioning("files", { bucket, versioningConfiguration: { status: "${number > 1 ? "Suspended" : "Enabled"}" } });
new aws.s3.BucketServerSideEncryptionConfiguration("files", { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }${number > 1 ? ", bucketKeyEnabled: true" : ""} }] });
const block = new aws.s3.BucketPublicAccessBlock("files", { bucket, ${number > 1 ? "blockPublicAcls" : "ignorePublicAcls"}: true });
new aws.s3.BucketOwnershipControls("files", { bucket, rule: { objectOwnership: "${number > 1 ? "BucketOwnerPreferred" : "BucketOwnerEnforced"}" } });
new aws.s3.BucketCorsConfiguration("files", { bucket, corsRules: [{ allowedMethods: ["PUT", "GET"], allowedOrigins: ["https://${text}.example.com"] }] });
new aws.s3.BucketLifecycleConfiguration("files", { bucket, rules: [{ id: "${text}", status: "Enabled", expiration: { days: ${number} } }] });
new aws.s3.BucketPolicy("files", { bucket, policy: files.arn.apply((arn) => JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Sid: "${text}", Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [\`\${arn}/*\`], Condition: { Bool: { "aws:SecureTransport": "false" } } }],
})) }, { dependsOn: block });
`;

/** An import would load all of the package, which takes gigabytes; its parts load when they are used. */
const program = (changes: Changes = {}) => `
import { createRequire } from "node:module";
const aws = createRequire(import.meta.url)("@pulumi/aws");
${network(changes)}
${databases(changes)}
${caches(changes)}
${buckets(changes)}
`;

test.each<[string, Changes]>([
  ["creation", {}],
  ["change", { text: "two", number: 2 }],
])("a refresh after every resource's %s finds nothing", async (_, changes) => {
  project.scratch.program(program(changes));
  await expectRefreshFindsNothing(project.scratch, [awsProvider("0.0.0")]);
});

test("a refresh sees what somebody opened in a group that declares rules, in either direction", async () => {
  const before = await recorded(project.scratch);
  const group = (state: typeof before, name: string) => state[`${GROUP}::${name}`];
  const ec2 = new EC2Client(project.client);
  for (const name of ["inline", "separate"])
    await ec2.send(
      new AuthorizeSecurityGroupEgressCommand({
        GroupId: group(before, name)?.id,
        IpPermissions: [{ IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges: [OPEN] }],
      }),
    );
  await project.pulumi("refresh", "--yes");
  const after = await recorded(project.scratch);
  expect(group(after, "inline")?.outputs).toMatchObject({
    egress: [{ protocol: "tcp", fromPort: 443, cidrBlocks: [OPEN.CidrIp] }],
  });
  // Rules of a group that declares none are resources of their own.
  expect(group(after, "separate")).toEqual(group(before, "separate"));
});
