import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from "@aws-sdk/client-rds";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, startAws, type TestAccount, type TestAws, until } from "../../support/aws.ts";
import { connectPostgres } from "../../support/aws-databases.ts";

let aws: TestAws;
let staging: TestAccount;
let rds: TestAccount["rds"];
let passed: readonly (string | undefined)[];

const password = "correct-horse-battery";

/** A database in the default VPC, with a backup. */
beforeAll(async () => {
  aws = await startAws();
  staging = aws.account("staging");
  rds = staging.rds;
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: "orders",
      DBInstanceClass: "db.t4g.micro",
      AllocatedStorage: 20,
      Engine: "postgres",
      MasterUsername: "app",
      MasterUserPassword: password,
    }),
  );
  passed = await reached("orders");
});
afterAll(() => aws.close());

async function instance(DBInstanceIdentifier: string) {
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  return DBInstances?.[0];
}

const reached = (name: string, status = "available") =>
  until(
    async () => (await instance(name))?.DBInstanceStatus,
    (actual) => actual === status,
  );

async function snapshots(DBInstanceIdentifier: string) {
  const { DBSnapshots = [] } = await rds.send(
    new DescribeDBSnapshotsCommand({ DBInstanceIdentifier }),
  );
  return DBSnapshots;
}

async function connect(name: string) {
  const endpoint = (await instance(name))?.Endpoint;
  return connectPostgres({
    host: endpoint?.Address ?? "",
    port: endpoint?.Port ?? 0,
    user: "app",
    password,
    certificate: await aws.certificate(staging.accountId),
  });
}

test("an instance with a retention is backed up before it is available", async () => {
  expect(passed).toEqual(["creating", "backing-up", "available"]);
  expect(await snapshots("orders")).toMatchObject([
    {
      DBSnapshotIdentifier: expect.stringMatching(/^rds:orders-\d{4}-\d\d-\d\d-\d\d-\d\d$/),
      SnapshotType: "automated",
      Status: "available",
      MasterUsername: "app",
    },
  ]);
});

test("a snapshot is the data of its moment, from which another instance begins", async () => {
  const database = await connect("orders");
  await database.query("CREATE TABLE items (name text)");
  await database.query("INSERT INTO items VALUES ('before')");
  const identified = { DBInstanceIdentifier: "orders", DBSnapshotIdentifier: "kept" };
  await rds.send(new CreateDBSnapshotCommand(identified));
  expect(await codeOf(rds.send(new CreateDBSnapshotCommand(identified)))).toBe(
    "InvalidDBInstanceStateFault",
  );
  await reached("orders");
  await database.query("INSERT INTO items VALUES ('after')");
  expect(await codeOf(rds.send(new CreateDBSnapshotCommand(identified)))).toBe(
    "DBSnapshotAlreadyExistsFault",
  );

  await rds.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: "restored",
      DBSnapshotIdentifier: "kept",
      BackupRetentionPeriod: 0,
    }),
  );
  const remove = new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: "kept" });
  expect(await codeOf(rds.send(remove))).toBe("InvalidDBSnapshotStateFault");
  await reached("restored");
  const restored = await connect("restored");
  expect((await restored.query("SELECT name FROM items")).rows).toEqual([{ name: "before" }]);
  const [one, other] = [await instance("orders"), await instance("restored")];
  expect(other?.Endpoint).not.toEqual(one?.Endpoint);
  await restored.query("DROP TABLE items");
  expect((await database.query("SELECT name FROM items")).rowCount).toBe(2);

  await rds.send(remove);
  await until(
    async () => (await snapshots("orders")).map(({ SnapshotType }) => SnapshotType),
    (types) => !types.includes("manual"),
  );
  const [automated] = await snapshots("orders");
  const removeAutomated = new DeleteDBSnapshotCommand({
    DBSnapshotIdentifier: automated?.DBSnapshotIdentifier,
  });
  expect(await codeOf(rds.send(removeAutomated))).toBe("InvalidDBSnapshotStateFault");
});

test("two instances begin with one snapshot at once, and one goes while it is being restored", async () => {
  const restore = (DBInstanceIdentifier: string, from: string | undefined, retention: number) =>
    rds.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier,
        DBSnapshotIdentifier: from,
        BackupRetentionPeriod: retention,
      }),
    );
  const items = async (name: string) => (await connect(name)).query("SELECT 1 AS one");
  const [automated] = await snapshots("orders");
  await Promise.all([
    restore("one", automated?.DBSnapshotIdentifier, 1),
    restore("two", automated?.DBSnapshotIdentifier, 0),
  ]);
  const all = await Promise.all([reached("one"), reached("two")]);
  expect(all.flat()).not.toContain("failed");
  expect((await items("two")).rows).toEqual([{ one: 1 }]);

  const [own] = await snapshots("one");
  await restore("three", own?.DBSnapshotIdentifier, 0);
  await rds.send(
    new DeleteDBInstanceCommand({ DBInstanceIdentifier: "one", SkipFinalSnapshot: true }),
  );
  expect(await reached("three")).not.toContain("failed");
  expect((await items("three")).rows).toEqual([{ one: 1 }]);
  await until(
    () => snapshots("one"),
    (left) => left.length === 0,
  );
  await until(
    () => instance("one").catch(({ name }: Error) => name),
    (answer) => answer === "DBInstanceNotFoundFault",
  );
  expect(await snapshots("orders")).toMatchObject([{ Status: "available" }]);
});

test("a point in time cannot be restored", async () => {
  const restore = new RestoreDBInstanceToPointInTimeCommand({
    SourceDBInstanceIdentifier: "orders",
    TargetDBInstanceIdentifier: "earlier",
    UseLatestRestorableTime: true,
  });
  expect(await codeOf(rds.send(restore))).toBe("PointInTimeRestoreNotEnabledFault");
});

test("a deleted instance leaves its final snapshot and nothing else", async () => {
  const DBInstanceIdentifier = "orders";
  expect(await codeOf(rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier })))).toBe(
    "InvalidParameterCombination",
  );
  const { DBInstance } = await rds.send(
    new DeleteDBInstanceCommand({ DBInstanceIdentifier, FinalDBSnapshotIdentifier: "final" }),
  );
  expect(DBInstance?.DBInstanceStatus).toBe("deleting");
  await until(
    () => instance(DBInstanceIdentifier).catch(({ name }: Error) => name),
    (answer) => answer === "DBInstanceNotFoundFault",
  );
  expect(await snapshots("orders")).toMatchObject([
    { DBSnapshotIdentifier: "final", Status: "available", SnapshotType: "manual" },
  ]);

  // Its name is free.
  await rds.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier,
      DBSnapshotIdentifier: "final",
      BackupRetentionPeriod: 0,
    }),
  );
  await reached(DBInstanceIdentifier);
  const database = await connect(DBInstanceIdentifier);
  expect((await database.query("SELECT name FROM items")).rowCount).toBe(2);
});
