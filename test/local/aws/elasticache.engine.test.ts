import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import {
  CreateCacheParameterGroupCommand,
  CreateCacheSubnetGroupCommand,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  CreateUserCommand,
  CreateUserGroupCommand,
  DeleteCacheParameterGroupCommand,
  DeleteCacheSubnetGroupCommand,
  DeleteReplicationGroupCommand,
  DeleteUserCommand,
  DeleteUserGroupCommand,
  DescribeCacheClustersCommand,
  DescribeCacheParametersCommand,
  DescribeReplicationGroupsCommand,
  DescribeUserGroupsCommand,
  DescribeUsersCommand,
  IncreaseReplicaCountCommand,
  ListTagsForResourceCommand,
  ModifyCacheParameterGroupCommand,
  ModifyReplicationGroupCommand,
  ModifyUserCommand,
  ModifyUserGroupCommand,
} from "@aws-sdk/client-elasticache";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refusalOf, startAws, type TestAccount, type TestAws, until } from "../../support/aws.ts";
import { connectRedis, type Login } from "../../support/aws-databases.ts";

let aws: TestAws;
let staging: TestAccount;
let production: TestAccount;
let cache: TestAccount["elastiCache"];
let passed: readonly (string | undefined)[];

const token = "a-token-of-the-cache";
const passwords = { app: "a-password-of-app", next: "next-password-of-app" };

/** A cache with one password, and one with users; the tests share them. */
beforeAll(async () => {
  aws = await startAws();
  staging = aws.account("staging");
  production = aws.account("production");
  cache = staging.elastiCache;
  const { Subnets = [] } = await staging.ec2.send(new DescribeSubnetsCommand({}));
  await cache.send(
    new CreateCacheSubnetGroupCommand({
      CacheSubnetGroupName: "main",
      CacheSubnetGroupDescription: "main",
      SubnetIds: Subnets.slice(0, 2).map(({ SubnetId = "" }) => SubnetId),
    }),
  );
  await cache.send(
    new CreateCacheParameterGroupCommand({
      CacheParameterGroupName: "evicting",
      CacheParameterGroupFamily: "valkey8",
      Description: "evicting",
    }),
  );
  await create(staging, {
    AuthToken: token,
    CacheSubnetGroupName: "main",
    CacheParameterGroupName: "evicting",
    NumCacheClusters: 2,
    AutomaticFailoverEnabled: true,
    Tags: [{ Key: "system", Value: "cutty" }],
  });
  const user = (UserId: string, UserName: string, AccessString: string, password: string) =>
    cache.send(
      new CreateUserCommand({
        UserId,
        UserName,
        AccessString,
        Engine: "redis",
        Passwords: [password],
      }),
    );
  await user("app", "app", "on ~app:* +@all", passwords.app);
  await user("nobody", "default", "off -@all", "a-password-of-nobody");
  await cache.send(
    new CreateUserGroupCommand({
      UserGroupId: "apps",
      Engine: "redis",
      UserIds: ["app", "nobody"],
    }),
  );
  await create(staging, { ReplicationGroupId: "users", Engine: "redis", UserGroupIds: ["apps"] });
  passed = await reached("sessions");
  await reached("users");
});
afterAll(() => aws.close());

const create = async (
  { elastiCache }: TestAccount,
  change: Partial<CreateReplicationGroupCommandInput>,
) =>
  (
    await elastiCache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: "sessions",
        ReplicationGroupDescription: "sessions",
        Engine: "valkey",
        CacheNodeType: "cache.t4g.micro",
        TransitEncryptionEnabled: true,
        AtRestEncryptionEnabled: true,
        ...change,
      }),
    )
  ).ReplicationGroup;

async function group(ReplicationGroupId: string, { elastiCache } = staging) {
  const { ReplicationGroups } = await elastiCache.send(
    new DescribeReplicationGroupsCommand({ ReplicationGroupId }),
  );
  return ReplicationGroups?.[0];
}

const reached = (name: string, status = "available") =>
  until(
    async () => (await group(name))?.Status,
    (actual) => actual === status,
  );

async function userStatus(UserId: string) {
  const { Users } = await cache.send(new DescribeUsersCommand({ UserId }));
  return Users?.[0]?.Status;
}

const isActive = (id: string) =>
  until(
    () => userStatus(id),
    (status) => status === "active",
  );

async function login(name: string, change: Partial<Login> = {}): Promise<Login> {
  const endpoint = (await group(name))?.NodeGroups?.[0]?.PrimaryEndpoint;
  return {
    host: endpoint?.Address ?? "",
    port: endpoint?.Port ?? 0,
    user: "default",
    password: token,
    certificate: await aws.certificate(staging.accountId),
    ...change,
  };
}

const codeOf = async (call: Promise<unknown>) => (await refusalOf(call)).name;

const modify = (change: object, ReplicationGroupId = "sessions") =>
  cache.send(
    new ModifyReplicationGroupCommand({ ReplicationGroupId, ApplyImmediately: true, ...change }),
  );

describe("a new replication group", () => {
  test("is told as it was asked for, with its nodes", async () => {
    expect(passed.at(-1)).toBe("available");
    const found = await group("sessions");
    expect(found).toMatchObject({
      ReplicationGroupId: "sessions",
      ARN: `arn:aws:elasticache:us-east-1:${staging.accountId}:replicationgroup:sessions`,
      Engine: "valkey",
      AuthTokenEnabled: true,
      TransitEncryptionEnabled: true,
      AtRestEncryptionEnabled: true,
      ClusterEnabled: false,
      AutomaticFailover: "enabled",
      MemberClusters: ["sessions-001", "sessions-002"],
    });
    const { CacheClusters } = await cache.send(
      new DescribeCacheClustersCommand({ CacheClusterId: "sessions-002", ShowCacheNodeInfo: true }),
    );
    expect(CacheClusters).toMatchObject([
      {
        ReplicationGroupId: "sessions",
        EngineVersion: "8.0.1",
        CacheSubnetGroupName: "main",
        CacheParameterGroup: { CacheParameterGroupName: "evicting" },
        CacheNodes: [{ Endpoint: found?.NodeGroups?.[0]?.PrimaryEndpoint }],
      },
    ]);
    const { TagList } = await cache.send(
      new ListTagsForResourceCommand({ ResourceName: found?.ARN }),
    );
    expect(TagList).toEqual([{ Key: "system", Value: "cutty" }]);
  });

  test("takes its password over TLS, verified in full, and nothing else", async () => {
    const client = await connectRedis(await login("sessions"));
    await client.set("key", "value");
    expect(await client.get("key")).toBe("value");
    await expect(connectRedis(await login("sessions", { password: "wrong" }))).rejects.toThrow(
      /WRONGPASS/,
    );
    const certificate = await aws.certificate(production.accountId);
    await expect(connectRedis(await login("sessions", { certificate }))).rejects.toThrow(
      /certificate/,
    );
    await expect(
      connectRedis(await login("sessions", { certificate: undefined })),
    ).rejects.toThrow();
    await expect(client.sendCommand(["CONFIG", "GET", "*"])).rejects.toThrow(/NOPERM/);
    await expect(
      client.sendCommand(["ACL", "SETUSER", "mine", "on", "nopass", "+@all"]),
    ).rejects.toThrow(/NOPERM/);
  });

  test("is another server than another account's of the same name", async () => {
    const other = "a-token-of-production";
    await create(production, { AuthToken: other });
    await until(
      async () => (await group("sessions", production))?.Status,
      (status) => status === "available",
    );
    const endpoint = (await group("sessions", production))?.NodeGroups?.[0]?.PrimaryEndpoint;
    const theirs = {
      host: endpoint?.Address ?? "",
      port: endpoint?.Port ?? 0,
      certificate: await aws.certificate(production.accountId),
    };
    const client = await connectRedis(await login("sessions", { ...theirs, password: other }));
    expect(await client.get("key")).toBeNull();
    await expect(connectRedis(await login("sessions", theirs))).rejects.toThrow(/WRONGPASS/);
    await expect(connectRedis(await login("sessions", { password: other }))).rejects.toThrow(
      /WRONGPASS/,
    );
    const remove = new DeleteReplicationGroupCommand({ ReplicationGroupId: "sessions" });
    await production.elastiCache.send(remove);
    await until(
      () => group("sessions", production).catch(({ name }: Error) => name),
      (answer) => answer === "ReplicationGroupNotFoundFault",
    );
  });

  test("is there for its own account alone", async () => {
    expect(await codeOf(group("sessions", production))).toBe("ReplicationGroupNotFoundFault");
    const remove = new DeleteReplicationGroupCommand({ ReplicationGroupId: "sessions" });
    expect(await codeOf(production.elastiCache.send(remove))).toBe("ReplicationGroupNotFoundFault");
  });

  test.each([
    ["without TLS", { TransitEncryptionEnabled: false }, "InvalidParameterCombinationException"],
    ["without a password", { AuthToken: undefined }, "InvalidParameterCombinationException"],
    ["with a short password", { AuthToken: "short" }, "InvalidParameterValueException"],
    ["with another engine", { Engine: "memcached" }, "InvalidParameterValueException"],
    ["with another version", { EngineVersion: "5.0" }, "InvalidParameterCombinationException"],
    ["of several shards", { NumNodeGroups: 2 }, "InvalidParameterValueException"],
    [
      "with a type that there is not",
      { CacheNodeType: "cache.huge" },
      "InvalidParameterValueException",
    ],
    [
      "with failover to nothing",
      { AutomaticFailoverEnabled: true },
      "InvalidParameterCombinationException",
    ],
    [
      "with another engine's parameters",
      { CacheParameterGroupName: "default.redis7" },
      "InvalidParameterCombinationException",
    ],
    [
      "with a user group that there is not",
      { AuthToken: undefined, UserGroupIds: ["none"] },
      "UserGroupNotFoundFault",
    ],
    [
      "under a name that is taken",
      { ReplicationGroupId: "sessions" },
      "ReplicationGroupAlreadyExistsFault",
    ],
  ])("%s is refused", async (_, change, code) => {
    const asked = { ReplicationGroupId: "refused", AuthToken: token, ...change };
    expect(await codeOf(create(staging, asked))).toBe(code);
    expect(await codeOf(group("refused"))).toBe("ReplicationGroupNotFoundFault");
  });
});

test("a password is rotated: both are good until the new one is set alone", async () => {
  const next = "the-next-token-of-it";
  await modify({ AuthToken: next, AuthTokenUpdateStrategy: "ROTATE" });
  await reached("sessions");
  for (const password of [token, next]) await connectRedis(await login("sessions", { password }));
  await modify({ AuthToken: next, AuthTokenUpdateStrategy: "SET" });
  await reached("sessions");
  await connectRedis(await login("sessions", { password: next }));
  await expect(connectRedis(await login("sessions"))).rejects.toThrow(/WRONGPASS/);
  await modify({ AuthToken: token, AuthTokenUpdateStrategy: "SET" });
  await reached("sessions");
  const kept = JSON.stringify(aws.cloud.store.collection("elasticache-replication-group").all());
  for (const secret of [token, next]) {
    expect(kept).not.toContain(secret);
    expect(aws.logLines.join("\n")).not.toContain(secret);
  }
});

test("users do what their access strings let them, with either of two passwords", async () => {
  const app = await connectRedis(await login("users", { user: "app", password: passwords.app }));
  await app.set("app:key", "value");
  await expect(app.set("other", "value")).rejects.toThrow(/NOPERM/);
  await expect(
    connectRedis(await login("users", { password: "a-password-of-nobody" })),
  ).rejects.toThrow(/WRONGPASS/);

  await cache.send(
    new ModifyUserCommand({ UserId: "app", Passwords: [passwords.app, passwords.next] }),
  );
  await isActive("app");
  for (const password of Object.values(passwords)) {
    await connectRedis(await login("users", { user: "app", password }));
  }
  await cache.send(
    new ModifyUserCommand({
      UserId: "app",
      AccessString: "on ~app:* +@read",
      Passwords: [passwords.next],
    }),
  );
  await isActive("app");
  const reader = await connectRedis(
    await login("users", { user: "app", password: passwords.next }),
  );
  expect(await reader.get("app:key")).toBe("value");
  await expect(reader.set("app:key", "other")).rejects.toThrow(/NOPERM/);
  await expect(
    connectRedis(await login("users", { user: "app", password: passwords.app })),
  ).rejects.toThrow(/WRONGPASS/);
});

test("a user who joins a group is let in, and out again with it", async () => {
  const password = "a-password-of-late-comers";
  const late = { user: "late", password };
  await cache.send(
    new CreateUserCommand({
      UserId: "late",
      UserName: "late",
      Engine: "redis",
      AccessString: "on ~* +ping",
      Passwords: [password],
    }),
  );
  const change = async (to: object) => {
    await cache.send(new ModifyUserGroupCommand({ UserGroupId: "apps", ...to }));
    await until(
      async () =>
        (await cache.send(new DescribeUserGroupsCommand({ UserGroupId: "apps" }))).UserGroups?.[0]
          ?.Status,
      (status) => status === "active",
    );
  };
  await expect(connectRedis(await login("users", late))).rejects.toThrow(/WRONGPASS/);
  await change({ UserIdsToAdd: ["late"] });
  await connectRedis(await login("users", late));
  await change({ UserIdsToRemove: ["late"] });
  await expect(connectRedis(await login("users", late))).rejects.toThrow(/WRONGPASS/);
  const without = { UserGroupId: "apps", UserIdsToRemove: ["nobody"] };
  expect(await codeOf(cache.send(new ModifyUserGroupCommand(without)))).toBe("DefaultUserRequired");
  expect(await codeOf(cache.send(new DeleteUserGroupCommand({ UserGroupId: "apps" })))).toBe(
    "InvalidUserGroupStateFault",
  );
  expect(await codeOf(cache.send(new DeleteUserCommand({ UserId: "nobody" })))).toBe(
    "DefaultUserAssociatedToUserGroupFault",
  );
  await cache.send(new DeleteUserCommand({ UserId: "late" }));
});

test.each([
  ["a password in the access string", { AccessString: "on ~* +@all >secret" }],
  ["no password in the access string", { AccessString: "on ~* +@all nopass" }],
  ["what nobody may do", { AccessString: "on ~* +config" }],
  ["a short password", { Passwords: ["short"] }],
  ["no need of a password", { Passwords: undefined, NoPasswordRequired: true }],
  ["nothing about passwords", { Passwords: undefined }],
])("a user with %s is refused", async (_, change) => {
  const create = new CreateUserCommand({
    UserId: "refused",
    UserName: "refused",
    Engine: "redis",
    AccessString: "on ~* +@all",
    Passwords: ["a-password-of-refused"],
    ...change,
  });
  expect(await codeOf(cache.send(create))).toMatch(/^InvalidParameter/);
  expect(await codeOf(cache.send(new DescribeUsersCommand({ UserId: "refused" })))).toBe(
    "UserNotFoundFault",
  );
});

test("the server evicts as its parameter group says", async () => {
  const policy = async () => {
    const client = await connectRedis(await login("sessions"));
    return /maxmemory_policy:(\S+)/.exec(await client.info("memory"))?.[1];
  };
  expect(await policy()).toBe("volatile-lru");
  const group = { CacheParameterGroupName: "evicting" };
  const set = (ParameterName: string, ParameterValue: string) =>
    cache.send(
      new ModifyCacheParameterGroupCommand({
        ...group,
        ParameterNameValues: [{ ParameterName, ParameterValue }],
      }),
    );
  await set("maxmemory-policy", "allkeys-lfu");
  await until(
    () => policy().catch(() => "restarting"),
    (actual) => actual === "allkeys-lfu",
  );
  expect(await codeOf(set("maxmemory-policy", "random"))).toBe("InvalidParameterValueException");
  expect(await codeOf(set("dir", "/tmp"))).toBe("InvalidParameterValueException");
  const { Parameters } = await cache.send(
    new DescribeCacheParametersCommand({ ...group, Source: "user" }),
  );
  expect(Parameters).toMatchObject([
    { ParameterName: "maxmemory-policy", ParameterValue: "allkeys-lfu" },
  ]);
  expect(await codeOf(cache.send(new DeleteCacheParameterGroupCommand(group)))).toBe(
    "InvalidCacheParameterGroupStateFault",
  );
});

test("more nodes are told of when they are asked for", async () => {
  const { ReplicationGroup } = await cache.send(
    new IncreaseReplicaCountCommand({
      ReplicationGroupId: "sessions",
      NewReplicaCount: 2,
      ApplyImmediately: true,
    }),
  );
  expect(ReplicationGroup?.MemberClusters).toHaveLength(3);
  await reached("sessions");
});

test("a deleted group is gone with its server, and what it used is free", async () => {
  const subnetGroup = new DeleteCacheSubnetGroupCommand({ CacheSubnetGroupName: "main" });
  expect(await codeOf(cache.send(subnetGroup))).toBe("CacheSubnetGroupInUse");
  const before = await login("sessions");
  await cache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: "sessions" }));
  await until(
    () => group("sessions").catch(({ name }: Error) => name),
    (answer) => answer === "ReplicationGroupNotFoundFault",
  );
  await expect(connectRedis(before)).rejects.toThrow(/ECONNREFUSED/);
  await cache.send(subnetGroup);
});
