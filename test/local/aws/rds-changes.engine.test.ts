import { DeleteSecurityGroupCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import {
  AddTagsToResourceCommand,
  DeleteDBInstanceCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from "@aws-sdk/client-rds";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, startAws, type TestAccount, type TestAws } from "../../support/aws.ts";
import { connectPostgres, type Login } from "../../support/aws-databases.ts";
import {
  createDatabase,
  databaseOf,
  databaseReached,
  MASTER_PASSWORD,
  masterLogin,
} from "./databases.ts";
import { newGroup } from "./networks.ts";

let aws: TestAws;
let staging: TestAccount;
let GroupId: string;

/** A database, which the tests share, behind a security group of its own. */
beforeAll(async () => {
  aws = await startAws();
  staging = aws.account("staging");
  // Without subnets of its own a database is in the default VPC.
  const { Vpcs } = await staging.ec2.send(new DescribeVpcsCommand({}));
  GroupId = await newGroup(staging, Vpcs?.[0]?.VpcId ?? "");
  await createDatabase(staging, {
    DBName: "orders",
    VpcSecurityGroupIds: [GroupId],
    BackupRetentionPeriod: 0,
  });
  await databaseReached(staging, "orders", "available");
});
afterAll(() => aws.close());

/** How the master of the shared database logs in. */
const login = async (change: Partial<Login> = {}): Promise<Login> => ({
  ...(await masterLogin(aws, staging)),
  ...change,
});

test("a change is done at once or waits, as it is asked for", async () => {
  const modify = (change: object) =>
    staging.rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: "orders", ...change }));
  const waiting = { DBInstanceClass: "db.t4g.small", AllocatedStorage: 30 };
  const { DBInstance } = await modify({ ...waiting, DeletionProtection: true });
  expect(DBInstance?.DBInstanceStatus).toBe("modifying");
  await databaseReached(staging, "orders", "available");
  expect(await databaseOf(staging, "orders")).toMatchObject({
    DBInstanceClass: "db.t4g.micro",
    DeletionProtection: true,
    PendingModifiedValues: waiting,
  });
  await modify({ ApplyImmediately: true });
  await databaseReached(staging, "orders", "available");
  expect(await databaseOf(staging, "orders")).toMatchObject({
    ...waiting,
    PendingModifiedValues: {},
  });
  expect(await codeOf(modify({ AllocatedStorage: 20 }))).toBe("InvalidParameterCombination");

  const remove = new DeleteDBInstanceCommand({
    DBInstanceIdentifier: "orders",
    SkipFinalSnapshot: true,
  });
  expect(await codeOf(staging.rds.send(remove))).toBe("InvalidParameterCombination");
  await modify({ DeletionProtection: false });
  await databaseReached(staging, "orders", "available");
});

test("a new password is the only one from then on, and is nowhere to be read", async () => {
  const next = "another-horse-battery";
  await staging.rds.send(
    new ModifyDBInstanceCommand({ DBInstanceIdentifier: "orders", MasterUserPassword: next }),
  );
  await databaseReached(staging, "orders", "available");
  await connectPostgres(await login({ password: next }));
  await expect(connectPostgres(await login())).rejects.toThrow(/password authentication failed/);
  const kept = aws.cloud.store.collection("rds-instance").all();
  for (const secret of [MASTER_PASSWORD, next]) {
    expect(JSON.stringify(kept)).not.toContain(secret);
    expect(aws.logLines.join("\n")).not.toContain(secret);
  }
  await staging.rds.send(
    new ModifyDBInstanceCommand({
      DBInstanceIdentifier: "orders",
      MasterUserPassword: MASTER_PASSWORD,
    }),
  );
  await databaseReached(staging, "orders", "available");
});

test("an instance is rebooted, stopped and started, each only where it can be", async () => {
  const identified = { DBInstanceIdentifier: "orders" };
  const { rds } = staging;
  await rds.send(new RebootDBInstanceCommand(identified));
  expect(await codeOf(rds.send(new StopDBInstanceCommand(identified)))).toBe(
    "InvalidDBInstanceStateFault",
  );
  await databaseReached(staging, "orders", "available");
  await rds.send(new StopDBInstanceCommand(identified));
  await databaseReached(staging, "orders", "stopped");
  await expect(connectPostgres(await login())).rejects.toThrow(/ECONNREFUSED/);
  expect(await codeOf(rds.send(new RebootDBInstanceCommand(identified)))).toBe(
    "InvalidDBInstanceStateFault",
  );
  await rds.send(new StartDBInstanceCommand(identified));
  await databaseReached(staging, "orders", "available");
  await connectPostgres(await login());
});

test("a renamed instance is the same one under another name", async () => {
  const rename = (from: string, to: string) =>
    staging.rds.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: from,
        NewDBInstanceIdentifier: to,
        ApplyImmediately: true,
      }),
    );
  const before = await databaseOf(staging, "orders");
  await rename("orders", "renamed");
  await databaseReached(staging, "renamed", "available");
  expect(await codeOf(databaseOf(staging, "orders"))).toBe("DBInstanceNotFoundFault");
  expect(await databaseOf(staging, "renamed")).toMatchObject({
    DbiResourceId: before?.DbiResourceId,
    Endpoint: before?.Endpoint,
    DBInstanceArn: expect.stringMatching(/:db:renamed$/),
  });
  const remove = new DeleteSecurityGroupCommand({ GroupId });
  expect(await codeOf(staging.ec2.send(remove))).toBe("DependencyViolation");
  await rename("renamed", "orders");
  await databaseReached(staging, "orders", "available");
});

test("tags are added, listed and removed by the ARN", async () => {
  const { rds } = staging;
  const ResourceName = (await databaseOf(staging, "orders"))?.DBInstanceArn;
  const Tags = [
    { Key: "system", Value: "cutty" },
    { Key: "tier", Value: "test" },
  ];
  await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags }));
  await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ["tier"] }));
  const { TagList } = await rds.send(new ListTagsForResourceCommand({ ResourceName }));
  expect(TagList).toEqual([{ Key: "system", Value: "cutty" }]);
});
