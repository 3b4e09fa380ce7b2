import {
  DescribeReplicationGroupsCommand,
  DescribeUsersCommand,
  ElastiCacheClient,
  ModifyUserCommand,
} from "@aws-sdk/client-elasticache";
import { createClient } from "redis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AwsProject, openAwsProject, UP } from "./aws-project.ts";

let project: AwsProject;
let cache: ElastiCacheClient;

beforeAll(async () => {
  project = await openAwsProject();
  cache = new ElastiCacheClient(project.client);
});
afterAll(() => project?.close());

const PASSWORD = "correct-horse-battery-staple";
const NEW_PASSWORD = "another-horse-and-its-staple";

const HEAD = `
import { ParameterGroup } from "@pulumi/aws/elasticache/parameterGroup.js";
import { ReplicationGroup } from "@pulumi/aws/elasticache/replicationGroup.js";
import { SubnetGroup } from "@pulumi/aws/elasticache/subnetGroup.js";
import { User } from "@pulumi/aws/elasticache/user.js";
import { UserGroup } from "@pulumi/aws/elasticache/userGroup.js";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
`;

interface Changes {
  readonly description?: string;
  readonly password?: string;
  readonly policy?: string;
  readonly nodes?: number;
  readonly id?: string;
}

const stack = (changes: Changes = {}) => `${HEAD}
const vpc = new Vpc("net", { cidrBlock: "10.20.0.0/16" });
const subnet = new Subnet("a", { vpcId: vpc.id, cidrBlock: "10.20.0.0/24" });
const security = new SecurityGroup("cache", { vpcId: vpc.id, ingress: [{ protocol: "tcp", fromPort: 6379, toPort: 6379, cidrBlocks: ["0.0.0.0/0"] }] });
const subnetGroup = new SubnetGroup("cache", { name: "sessions", subnetIds: [subnet.id] });
const parameters = new ParameterGroup("cache", { name: "sessions", family: "valkey8", parameters: [{ name: "maxmemory-policy", value: "${changes.policy ?? "noeviction"}" }] });
const nobody = new User("default", { userId: "sessions-default", userName: "default", engine: "valkey", accessString: "off -@all", passwords: ["never-used-by-anybody"] });
const user = new User("app", { userId: "sessions-app", userName: "app", engine: "valkey", accessString: "on ~* +@all", authenticationMode: { type: "password", passwords: ["${changes.password ?? PASSWORD}"] } });
const users = new UserGroup("cache", { userGroupId: "sessions", engine: "valkey", userIds: [nobody.userId, user.userId] });
const group = new ReplicationGroup("cache", {
  replicationGroupId: "${changes.id ?? "sessions"}", description: "${changes.description ?? "sessions"}",
  engine: "valkey", engineVersion: "8.0", nodeType: "cache.t4g.micro", numCacheClusters: ${changes.nodes ?? 1},
  transitEncryptionEnabled: true, applyImmediately: true,
  subnetGroupName: subnetGroup.name, parameterGroupName: parameters.name,
  securityGroupIds: [security.id], userGroupIds: [users.userGroupId],
});
export const address = group.primaryEndpointAddress;
export const port = group.port;
export const arn = group.arn;
export const version = group.engineVersionActual;
export const members = group.memberClusters;
`;

async function ask(password: string): Promise<string> {
  const { address, port } = await project.scratch.outputs();
  const client = createClient({
    username: "app",
    password,
    socket: {
      host: String(address),
      port: Number(port),
      tls: true,
      rejectUnauthorized: false,
      reconnectStrategy: false,
    },
  });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.set("key", "value");
    return String(await client.get("key"));
  } finally {
    client.destroy();
  }
}

test("a replication group comes up and works, and a following preview and refresh change nothing", async () => {
  project.scratch.program(stack());
  await project.pulumi(...UP);
  expect(await project.scratch.outputs()).toMatchObject({
    arn: `arn:aws:elasticache:us-east-1:${project.account.accountId}:replicationgroup:sessions`,
    version: "8.0.1",
    members: ["sessions-001"],
  });
  expect(await ask(PASSWORD)).toBe("value");
  await expect(ask(NEW_PASSWORD)).rejects.toThrow(/WRONGPASS/);
  await project.pulumi("preview", "--expect-no-changes", "--diff");
  await project.pulumi("refresh", "--yes", "--expect-no-changes", "--diff");
  const state = await project.pulumi("stack", "export");
  expect(state).toContain("sessions-app");
  expect(state).not.toContain(PASSWORD);
});

test("description, parameters, replicas and a user's password change in place", async () => {
  const changes = { description: "all", password: NEW_PASSWORD, policy: "allkeys-lru", nodes: 2 };
  project.scratch.program(stack(changes));
  expect(await project.pulumi("preview")).toContain("3 to update");
  await project.pulumi(...UP);
  await expect.poll(() => ask(NEW_PASSWORD), { timeout: 60_000 }).toBe("value");
  await expect(ask(PASSWORD)).rejects.toThrow(/WRONGPASS/);
  const { ReplicationGroups } = await cache.send(new DescribeReplicationGroupsCommand({}));
  expect(ReplicationGroups?.[0]).toMatchObject({ Description: "all" });
  expect(ReplicationGroups?.[0]?.MemberClusters).toHaveLength(2);
  await project.pulumi("refresh", "--yes", "--expect-no-changes", "--diff");
});

test("another id is a replace", async () => {
  project.scratch.program(stack({ id: "other" }));
  expect(await project.pulumi("preview", "--diff")).toMatch(
    /\+-\s*aws:elasticache\/replicationGroup:ReplicationGroup: \(replace\)/,
  );
});

test("refresh sees what somebody allowed a user, and up takes it back", async () => {
  const changes = { description: "all", password: NEW_PASSWORD, policy: "allkeys-lru", nodes: 2 };
  project.scratch.program(stack(changes));
  const UserId = "sessions-default";
  await cache.send(new ModifyUserCommand({ UserId, AccessString: "on ~* +@all" }));
  await expect
    .poll(async () => (await cache.send(new DescribeUsersCommand({ UserId }))).Users?.[0]?.Status, {
      timeout: 60_000,
    })
    .toBe("active");
  expect(await project.pulumi("refresh", "--yes", "--diff")).toMatch(
    /~ aws:elasticache\/user:User: \(update\)/,
  );
  await project.pulumi(...UP);
  const { Users } = await cache.send(new DescribeUsersCommand({ UserId }));
  expect(Users?.[0]?.AccessString).toMatch(/^off/);
});

test("a group that was created outside can be imported, and is then clean", async () => {
  const urn = "urn:pulumi:test::scratch::aws:elasticache/replicationGroup:ReplicationGroup::cache";
  await project.pulumi("state", "delete", urn, "--yes");
  await project.pulumi(
    ...["import", "aws:elasticache/replicationGroup:ReplicationGroup", "cache", "sessions"],
    ...["--yes", "--protect=false", "--generate-code=false"],
  );
  await project.pulumi(...UP);
  await project.pulumi("preview", "--expect-no-changes", "--diff");
});

test("destroy leaves nothing", async () => {
  await project.pulumi("destroy", "--yes");
  const { ReplicationGroups } = await cache.send(new DescribeReplicationGroupsCommand({}));
  expect(ReplicationGroups).toEqual([]);
  const { Users } = await cache.send(new DescribeUsersCommand({}));
  expect(Users?.map((each) => each.UserId)).toEqual(["default"]);
});
