import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import {
  CreateCacheParameterGroupCommand,
  CreateCacheSubnetGroupCommand,
  DeleteCacheParameterGroupCommand,
  DeleteCacheSubnetGroupCommand,
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeCacheParametersCommand,
  IncreaseReplicaCountCommand,
  ListTagsForResourceCommand,
  ModifyCacheParameterGroupCommand,
  ModifyReplicationGroupCommand,
} from "@aws-sdk/client-elasticache";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, startAws, type TestAccount, type TestAws, until } from "../../support/aws.ts";
import { connectRedis, type Login } from "../../support/aws-databases.ts";
import { cacheLogin, cacheOf, cacheReached, createCache } from "./caches.ts";

let aws: TestAws;
let staging: TestAccount;
let production: TestAccount;
let cache: TestAccount["elastiCache"];
let passed: readonly (string | undefined)[];

const token = "a-token-of-the-cache";

/** A cache with one password, which the tests share. */
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
  await createCache(staging, {
    AuthToken: token,
    CacheSubnetGroupName: "main",
    CacheParameterGroupName: "evicting",
    NumCacheClusters: 2,
    AutomaticFailoverEnabled: true,
    Tags: [{ Key: "system", Value: "cutty" }],
  });
  passed = await cacheReached(staging, "sessions");
});
afterAll(() => aws.close());

/** How the cache with one password is logged in to. */
const login = async (change: Partial<Login> = {}): Promise<Login> => ({
  ...(await cacheLogin(aws, staging, "sessions", token)),
  ...change,
});

const modify = (change: object) =>
  cache.send(
    new ModifyReplicationGroupCommand({
      ReplicationGroupId: "sessions",
      ApplyImmediately: true,
      ...change,
    }),
  );

describe("a new replication group", () => {
  test("is told as it was asked for, with its nodes", async () => {
    expect(passed.at(-1)).toBe("available");
    const found = await cacheOf(staging, "sessions");
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
    const client = await connectRedis(await login());
    await client.set("key", "value");
    expect(await client.get("key")).toBe("value");
    await expect(connectRedis(await login({ password: "wrong" }))).rejects.toThrow(/WRONGPASS/);
    const certificate = await aws.certificate(production.accountId);
    await expect(connectRedis(await login({ certificate }))).rejects.toThrow(/certificate/);
    await expect(connectRedis(await login({ certificate: undefined }))).rejects.toThrow();
    await expect(client.sendCommand(["CONFIG", "GET", "*"])).rejects.toThrow(/NOPERM/);
    await expect(
      client.sendCommand(["ACL", "SETUSER", "mine", "on", "nopass", "+@all"]),
    ).rejects.toThrow(/NOPERM/);
  });

  test("is another server than another account's of the same name", async () => {
    const other = "a-token-of-production";
    await createCache(production, { AuthToken: other });
    await cacheReached(production, "sessions");
    const endpoint = (await cacheOf(production, "sessions"))?.NodeGroups?.[0]?.PrimaryEndpoint;
    const theirs = {
      host: endpoint?.Address ?? "",
      port: endpoint?.Port ?? 0,
      certificate: await aws.certificate(production.accountId),
    };
    const client = await connectRedis(await login({ ...theirs, password: other }));
    expect(await client.get("key")).toBeNull();
    await expect(connectRedis(await login(theirs))).rejects.toThrow(/WRONGPASS/);
    await expect(connectRedis(await login({ password: other }))).rejects.toThrow(/WRONGPASS/);
    const remove = new DeleteReplicationGroupCommand({ ReplicationGroupId: "sessions" });
    await production.elastiCache.send(remove);
    await until(
      () => cacheOf(production, "sessions").catch(({ name }: Error) => name),
      (answer) => answer === "ReplicationGroupNotFoundFault",
    );
  });

  test("is there for its own account alone", async () => {
    expect(await codeOf(cacheOf(production, "sessions"))).toBe("ReplicationGroupNotFoundFault");
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
    expect(await codeOf(createCache(staging, asked))).toBe(code);
    expect(await codeOf(cacheOf(staging, "refused"))).toBe("ReplicationGroupNotFoundFault");
  });
});

test("a password is rotated: both are good until the new one is set alone", async () => {
  const next = "the-next-token-of-it";
  await modify({ AuthToken: next, AuthTokenUpdateStrategy: "ROTATE" });
  await cacheReached(staging, "sessions");
  for (const password of [token, next]) await connectRedis(await login({ password }));
  await modify({ AuthToken: next, AuthTokenUpdateStrategy: "SET" });
  await cacheReached(staging, "sessions");
  await connectRedis(await login({ password: next }));
  await expect(connectRedis(await login())).rejects.toThrow(/WRONGPASS/);
  await modify({ AuthToken: token, AuthTokenUpdateStrategy: "SET" });
  await cacheReached(staging, "sessions");
  const kept = JSON.stringify(aws.cloud.store.collection("elasticache-replication-group").all());
  for (const secret of [token, next]) {
    expect(kept).not.toContain(secret);
    expect(aws.logLines.join("\n")).not.toContain(secret);
  }
});

test("the server evicts as its parameter group says", async () => {
  const policy = async () => {
    const client = await connectRedis(await login());
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
  await cacheReached(staging, "sessions");
});

test("a deleted group is gone with its server, and what it used is free", async () => {
  const subnetGroup = new DeleteCacheSubnetGroupCommand({ CacheSubnetGroupName: "main" });
  expect(await codeOf(cache.send(subnetGroup))).toBe("CacheSubnetGroupInUse");
  const before = await login();
  await cache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: "sessions" }));
  await until(
    () => cacheOf(staging, "sessions").catch(({ name }: Error) => name),
    (answer) => answer === "ReplicationGroupNotFoundFault",
  );
  await expect(connectRedis(before)).rejects.toThrow(/ECONNREFUSED/);
  await cache.send(subnetGroup);
});
