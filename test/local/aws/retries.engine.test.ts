import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import {
  CreateCacheSubnetGroupCommand,
  CreateReplicationGroupCommand,
  DeleteReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
} from "@aws-sdk/client-elasticache";
import {
  CreateDBInstanceCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  RebootDBInstanceCommand,
} from "@aws-sdk/client-rds";
import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOf, startAws, type TestAccount, type TestAws, until } from "../../support/aws.ts";
import { connectPostgres } from "../../support/aws-databases.ts";

let aws: TestAws;
let account: TestAccount;
let file: string;
const password = "correct-horse-battery";

beforeEach(async () => {
  aws = await startAws();
  account = aws.account("staging");
});
afterEach(() => aws.close());

/** Puts a file where the folder of the engine's servers is to be made. */
function breakEngine(name: "postgres" | "valkey"): void {
  file = join(aws.cloud.dataDir, "engines", name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "");
}

const createDatabase = () =>
  account.rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: "orders",
      DBInstanceClass: "db.t4g.micro",
      AllocatedStorage: 20,
      Engine: "postgres",
      MasterUsername: "app",
      MasterUserPassword: password,
      BackupRetentionPeriod: 0,
    }),
  );

const databases = async () => {
  const { DBInstances = [] } = await account.rds.send(new DescribeDBInstancesCommand({}));
  return DBInstances.map(({ DBInstanceStatus }) => DBInstanceStatus);
};

const caches = async () => {
  const { ReplicationGroups = [] } = await account.elastiCache.send(
    new DescribeReplicationGroupsCommand({}),
  );
  return ReplicationGroups.map(({ Status }) => Status);
};

async function createCache(): Promise<void> {
  const { Subnets = [] } = await account.ec2.send(new DescribeSubnetsCommand({}));
  await account.elastiCache.send(
    new CreateCacheSubnetGroupCommand({
      CacheSubnetGroupName: "main",
      CacheSubnetGroupDescription: "main",
      SubnetIds: Subnets.slice(0, 2).map(({ SubnetId = "" }) => SubnetId),
    }),
  );
  await account.elastiCache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: "sessions",
      ReplicationGroupDescription: "sessions",
      Engine: "valkey",
      CacheNodeType: "cache.t4g.micro",
      CacheSubnetGroupName: "main",
      NumCacheClusters: 1,
      AutomaticFailoverEnabled: false,
      TransitEncryptionEnabled: true,
      AuthToken: "a-token-of-the-cache",
    }),
  );
}

const lines = (what: string) => aws.logLines.filter((line) => line.startsWith(what));
const told = (what: string, count: number) =>
  until(
    async () => lines(what).length,
    (actual) => actual >= count,
  );

test("a database whose server could not be made is available once the cause is gone", async () => {
  breakEngine("postgres");
  await createDatabase();
  await until(databases, ([status]) => status === "failed");
  // A server that was never made is not rebooted; its creation is what goes on.
  const reboot = new RebootDBInstanceCommand({ DBInstanceIdentifier: "orders" });
  expect(await codeOf(account.rds.send(reboot))).toBe("InvalidDBInstanceStateFault");
  rmSync(file);
  await until(databases, ([status]) => status === "available");
  const { DBInstances } = await account.rds.send(new DescribeDBInstancesCommand({}));
  const endpoint = DBInstances?.[0]?.Endpoint;
  await connectPostgres({
    host: endpoint?.Address ?? "",
    port: endpoint?.Port ?? 0,
    user: "app",
    password,
    certificate: await aws.certificate(account.accountId),
  });
  await told("The database orders", 2);
  expect(lines("The database orders")).toEqual([
    expect.stringMatching(/cannot go on\. .*E(EXIST|NOTDIR).* Remove the cause/),
    expect.stringMatching(/: what had failed is done\.$/),
  ]);
});

test("a cache whose server could not be made is available once the cause is gone", async () => {
  breakEngine("valkey");
  await createCache();
  await until(caches, ([status]) => status === "create-failed");
  rmSync(file);
  await until(caches, ([status]) => status === "available");
});

test("what is deleted while its creation is tried again is gone for good", async () => {
  breakEngine("postgres");
  await createDatabase();
  await until(databases, ([status]) => status === "failed");
  rmSync(file);
  const DBInstanceIdentifier = "orders";
  await account.rds.send(
    new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }),
  );
  await until(databases, (statuses) => statuses.length === 0);

  breakEngine("valkey");
  await createCache();
  await until(caches, ([status]) => status === "create-failed");
  rmSync(file);
  await account.elastiCache.send(
    new DeleteReplicationGroupCommand({ ReplicationGroupId: "sessions" }),
  );
  await until(caches, (statuses) => statuses.length === 0);
  await createDatabase();
  await until(databases, ([status]) => status === "available");
  expect(await caches()).toEqual([]);
});

test("a cloud that is closed tries nothing any more, and the next one goes on", async () => {
  breakEngine("postgres");
  await createDatabase();
  await until(databases, ([status]) => status === "failed");
  const { logLines } = aws;
  const before = logLines.length;
  aws = await aws.restart();
  account = { ...account, ...aws.clients(account) };
  await told("The database orders", 1);
  expect(logLines.length).toBe(before);
  rmSync(file);
  await until(databases, ([status]) => status === "available");
});
