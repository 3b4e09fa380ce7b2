import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { DescribeReplicationGroupsCommand } from "@aws-sdk/client-elasticache";
import { DescribeDBInstancesCommand, DescribeDBSnapshotsCommand } from "@aws-sdk/client-rds";
import { expect, onTestFinished, test } from "vitest";
import { startAws, type TestAws, until } from "../../support/aws.ts";
import { connectPostgres, connectRedis } from "../../support/aws-databases.ts";
import { specifier, startModule } from "../../support/node-process.ts";

const password = "correct-horse-battery";

/** What a cloud in a process of its own says of its account. */
interface Account {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Starts a cloud in a process of its own, has it do something, and kills it so long after it was answered. */
async function killedWhile(dataDir: string, doing: string, milliseconds: number): Promise<Account> {
  const child = startModule(`
    import { startAws } from ${specifier("test/support/aws.ts")};
    import * as rds from "@aws-sdk/client-rds";
    import * as elastiCache from "@aws-sdk/client-elasticache";
    const aws = await startAws(${JSON.stringify(dataDir)});
    const account = aws.account("staging");
    await (${doing})(account, { ...rds, ...elastiCache });
    const { accountId, accessKeyId, secretAccessKey } = account;
    console.log(JSON.stringify({ accountId, accessKeyId, secretAccessKey }));
  `);
  if (child.stdout === null) throw new Error("The process has no output.");
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  await sleep(milliseconds);
  child.kill("SIGKILL");
  await once(child, "exit");
  return JSON.parse(line);
}

function folder(): string {
  const dataDir = mkdtempSync(join(tmpdir(), "bulkhead-aws-"));
  onTestFinished(() =>
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  );
  return dataDir;
}

async function restarted(dataDir: string): Promise<TestAws> {
  const aws = await startAws(dataDir);
  onTestFinished(() => aws.stop());
  return aws;
}

const CREATION = `(account, { CreateDBInstanceCommand }) =>
  account.rds.send(new CreateDBInstanceCommand({
    DBInstanceIdentifier: "orders",
    DBInstanceClass: "db.t4g.micro",
    AllocatedStorage: 20,
    Engine: "postgres",
    MasterUsername: "app",
    MasterUserPassword: ${JSON.stringify(password)},
    DBName: "orders",
  }))`;

test.each([0, 2000])(
  "a database whose cloud was killed %i ms after its creation was answered is finished by the next",
  async (milliseconds) => {
    const dataDir = folder();
    const account = await killedWhile(dataDir, CREATION, milliseconds);
    const aws = await restarted(dataDir);
    const { rds } = aws.clients(account);
    const read = async () =>
      (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: "orders" })))
        .DBInstances?.[0];
    await until(read, (instance) => instance?.DBInstanceStatus === "available");
    const endpoint = (await read())?.Endpoint;
    await connectPostgres({
      host: endpoint?.Address ?? "",
      port: endpoint?.Port ?? 0,
      user: "app",
      password,
      database: "orders",
      certificate: await aws.certificate(account.accountId),
    });
    const { DBSnapshots } = await rds.send(new DescribeDBSnapshotsCommand({}));
    expect(DBSnapshots?.map(({ Status, SnapshotType }) => [Status, SnapshotType])).toEqual([
      ["available", "automated"],
    ]);
    expect(aws.logLines.join("\n")).not.toContain(password);
  },
);

test("a deletion that was cut off is finished by the next cloud", async () => {
  const dataDir = folder();
  const deletion = `async (account, commands) => {
    await (${CREATION})(account, commands);
    await account.rds.send(new commands.DeleteDBInstanceCommand({
      DBInstanceIdentifier: "orders",
      SkipFinalSnapshot: true,
    }));
  }`;
  const account = await killedWhile(dataDir, deletion, 0);
  const aws = await restarted(dataDir);
  await aws.started;
  const { DBInstances } = await aws.clients(account).rds.send(new DescribeDBInstancesCommand({}));
  expect(DBInstances).toEqual([]);
  expect(aws.cloud.store.collection("rds-snapshot").all()).toEqual([]);
});

test("a cache whose cloud was killed in its creation is finished, and keeps its data", async () => {
  const dataDir = folder();
  const creation = `async (account, { CreateReplicationGroupCommand }) =>
    account.elastiCache.send(new CreateReplicationGroupCommand({
      ReplicationGroupId: "sessions",
      ReplicationGroupDescription: "sessions",
      TransitEncryptionEnabled: true,
      AuthToken: ${JSON.stringify(password)},
    }))`;
  const account = await killedWhile(dataDir, creation, 0);
  const first = await startAws(dataDir);
  const read = async (aws: TestAws) => {
    const { ReplicationGroups } = await aws
      .clients(account)
      .elastiCache.send(new DescribeReplicationGroupsCommand({}));
    return ReplicationGroups?.[0];
  };
  await until(
    () => read(first),
    (group) => group?.Status === "available",
  );
  const endpoint = (await read(first))?.NodeGroups?.[0]?.PrimaryEndpoint;
  const login = {
    host: endpoint?.Address ?? "",
    port: endpoint?.Port ?? 0,
    user: "default",
    password,
    certificate: await first.certificate(account.accountId),
  };
  await (await connectRedis(login)).set("key", "value");
  const second = await first.restart();
  onTestFinished(() => second.stop());
  await second.started;
  expect((await read(second))?.NodeGroups?.[0]?.PrimaryEndpoint).toEqual(endpoint);
  expect(await (await connectRedis(login)).get("key")).toBe("value");
});
