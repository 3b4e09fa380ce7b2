import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateDBSubnetGroupCommand,
  DeleteDBInstanceCommand,
  DeleteDBSubnetGroupCommand,
  ListTagsForResourceCommand,
} from "@aws-sdk/client-rds";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, startAws, type TestAccount, type TestAws, until } from "../../support/aws.ts";
import { connectPostgres, type Login } from "../../support/aws-databases.ts";
import { createDatabase, databaseOf, databaseReached, masterLogin } from "./databases.ts";

let aws: TestAws;
let staging: TestAccount;
let production: TestAccount;
let groupId: string;
let subnetIds: string[];
let passed: readonly (string | undefined)[];

/** A network, and in it a database that the tests share. */
beforeAll(async () => {
  aws = await startAws();
  staging = aws.account("staging");
  production = aws.account("production");
  const { ec2, rds } = staging;
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const VpcId = Vpc?.VpcId ?? "";
  subnetIds = [];
  for (const zone of ["a", "b"]) {
    const CidrBlock = `10.0.${subnetIds.length}.0/24`;
    const AvailabilityZone = `us-east-1${zone}`;
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }),
    );
    subnetIds.push(Subnet?.SubnetId ?? "");
  }
  const group = { GroupName: "database", Description: "databases", VpcId };
  groupId = (await ec2.send(new CreateSecurityGroupCommand(group))).GroupId ?? "";
  await rds.send(
    new CreateDBSubnetGroupCommand({
      DBSubnetGroupName: "Main",
      DBSubnetGroupDescription: "main",
      SubnetIds: subnetIds,
    }),
  );
  await createDatabase(staging, {
    DBInstanceIdentifier: "Orders",
    DBName: "orders",
    DBSubnetGroupName: "main",
    VpcSecurityGroupIds: [groupId],
    BackupRetentionPeriod: 0,
  });
  passed = await databaseReached(staging, "orders", "available");
});
afterAll(() => aws.close());

/** How the master of the shared database logs in. */
const login = async (change: Partial<Login> = {}): Promise<Login> => ({
  ...(await masterLogin(aws, staging)),
  ...change,
});

describe("a new instance", () => {
  test("is told as it was asked for, and where to reach it only when it can be reached", async () => {
    expect(passed).toEqual(["creating", "available"]);
    expect(await databaseOf(staging, "orders")).toMatchObject({
      DBInstanceIdentifier: "orders",
      DBInstanceArn: `arn:aws:rds:us-east-1:${staging.accountId}:db:orders`,
      DbiResourceId: expect.stringMatching(/^db-[A-Z2-7]{26}$/),
      Engine: "postgres",
      EngineVersion: expect.stringMatching(/^17\.\d+$/),
      DBName: "orders",
      MasterUsername: "app",
      AllocatedStorage: 20,
      MultiAZ: false,
      PubliclyAccessible: false,
      StorageEncrypted: false,
      PendingModifiedValues: {},
      DBSubnetGroup: { DBSubnetGroupName: "main", Subnets: [{}, {}] },
      VpcSecurityGroups: [{ VpcSecurityGroupId: groupId, Status: "active" }],
      DBParameterGroups: [
        { DBParameterGroupName: "default.postgres17", ParameterApplyStatus: "in-sync" },
      ],
    });
  });

  test("takes its master over TLS, verified in full, and nobody without", async () => {
    const database = await connectPostgres(await login());
    const { rows } = await database.query(
      "SELECT current_database() AS database, current_setting('server_version') AS version, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    );
    expect(rows).toMatchObject([{ database: "orders", ssl: true }]);
    expect(rows[0].version).toBe((await databaseOf(staging, "orders"))?.EngineVersion);
    await expect(connectPostgres(await login({ certificate: undefined }))).rejects.toThrow(
      /no encryption/,
    );
    const certificate = await aws.certificate(production.accountId);
    await expect(connectPostgres(await login({ certificate }))).rejects.toThrow(/certificate/);
    await expect(connectPostgres(await login({ password: "wrong-password" }))).rejects.toThrow(
      /password authentication failed/,
    );
  });

  test("lets its master make roles, databases and tables, but not be superuser", async () => {
    const database = await connectPostgres(await login());
    const { rows } = await database.query(
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication,
              pg_has_role('rds_superuser', 'member') AS member FROM pg_roles WHERE rolname = 'app'`,
    );
    expect(rows).toEqual([
      {
        rolsuper: false,
        rolcreatedb: true,
        rolcreaterole: true,
        rolreplication: false,
        member: true,
      },
    ]);
    await database.query("CREATE TABLE mine (id int)");
    await database.query("CREATE ROLE reader LOGIN PASSWORD 'a-reader-password'");
    await database.query("GRANT SELECT ON mine TO reader");
    await database.query("CREATE DATABASE other");
    await database.query("SELECT count(*) FROM pg_stat_activity WHERE query IS NOT NULL");
    for (const statement of [
      "ALTER ROLE app SUPERUSER",
      "SET ROLE rdsadmin",
      "SELECT pg_read_file('/etc/passwd')",
      "COPY mine TO PROGRAM 'cat'",
      "ALTER SYSTEM SET work_mem = '1MB'",
      "ALTER ROLE rdsadmin PASSWORD 'mine'",
    ]) {
      await expect(database.query(statement)).rejects.toThrow(/permission denied|must be/i);
    }
    const reader = { user: "reader", password: "a-reader-password" };
    const other = await connectPostgres(await login(reader));
    await other.query("SELECT * FROM mine");
  });

  test("is another server than another account's of the same name", async () => {
    const other = "a-password-of-production";
    const change = { MasterUserPassword: other, DBName: "orders", BackupRetentionPeriod: 0 };
    await createDatabase(production, change);
    await databaseReached(production, "orders", "available");
    const endpoint = (await databaseOf(production, "orders"))?.Endpoint;
    const theirs = {
      host: endpoint?.Address ?? "",
      port: endpoint?.Port ?? 0,
      certificate: await aws.certificate(production.accountId),
    };
    await connectPostgres(await login({ ...theirs, password: other }));
    await expect(connectPostgres(await login(theirs))).rejects.toThrow(/password authentication/);
    await expect(connectPostgres(await login({ password: other }))).rejects.toThrow(
      /password authentication/,
    );
    await production.rds.send(
      new DeleteDBInstanceCommand({ DBInstanceIdentifier: "orders", SkipFinalSnapshot: true }),
    );
    await until(
      () => databaseOf(production, "orders").catch(({ name }: Error) => name),
      (answer) => answer === "DBInstanceNotFoundFault",
    );
  });

  test("is there for its own account alone", async () => {
    expect(await codeOf(databaseOf(production, "orders"))).toBe("DBInstanceNotFoundFault");
    expect(
      await codeOf(
        production.rds.send(
          new DeleteDBInstanceCommand({ DBInstanceIdentifier: "orders", SkipFinalSnapshot: true }),
        ),
      ),
    ).toBe("DBInstanceNotFoundFault");
    const ResourceName = (await databaseOf(staging, "orders"))?.DBInstanceArn;
    const tags = new ListTagsForResourceCommand({ ResourceName });
    expect(await codeOf(production.rds.send(tags))).toBe("DBInstanceNotFoundFault");
    await staging.rds.send(tags);
  });

  test("needs its name for itself", async () => {
    expect(await codeOf(createDatabase(staging, {}))).toBe("DBInstanceAlreadyExistsFault");
  });

  test("holds what it stands in", async () => {
    const { ec2, rds } = staging;
    expect(await codeOf(ec2.send(new DeleteSecurityGroupCommand({ GroupId: groupId })))).toBe(
      "DependencyViolation",
    );
    expect(await codeOf(ec2.send(new DeleteSubnetCommand({ SubnetId: subnetIds[0] })))).toBe(
      "DependencyViolation",
    );
    const group = new DeleteDBSubnetGroupCommand({ DBSubnetGroupName: "main" });
    expect(await codeOf(rds.send(group))).toBe("InvalidDBSubnetGroupStateFault");
  });

  test.each([
    ["another engine", { Engine: "mysql" }, "InvalidParameterValue"],
    ["another version", { EngineVersion: "16.3" }, "InvalidParameterCombination"],
    ["a class that there is not", { DBInstanceClass: "db.huge" }, "InvalidParameterValue"],
    ["a name that is none", { DBInstanceIdentifier: "two--hyphens" }, "InvalidParameterValue"],
    ["a short password", { MasterUserPassword: "short" }, "InvalidParameterValue"],
    ["a reserved master", { MasterUsername: "rdsadmin" }, "InvalidParameterValue"],
    ["a reserved database", { DBName: "template1" }, "InvalidParameterValue"],
    [
      "a password of the secret store",
      { ManageMasterUserPassword: true },
      "InvalidParameterCombination",
    ],
    [
      "a subnet group that there is not",
      { DBSubnetGroupName: "none" },
      "DBSubnetGroupNotFoundFault",
    ],
    [
      "a parameter group that there is not",
      { DBParameterGroupName: "none" },
      "DBParameterGroupNotFoundFault",
    ],
    [
      "what is not implemented",
      { EnableCloudwatchLogsExports: ["postgresql"] },
      "InvalidParameterValue",
    ],
  ])("with %s is refused", async (_, change, name) => {
    const asked = createDatabase(staging, { DBInstanceIdentifier: "refused", ...change });
    expect(await codeOf(asked)).toBe(name);
    expect(await codeOf(databaseOf(staging, "refused"))).toBe("DBInstanceNotFoundFault");
  });
});

test("security groups let in whom their rules name, and the operator's own machine", async () => {
  const from = async (localAddress: string) =>
    connectPostgres(await login({ localAddress })).then(
      () => "in",
      (error: Error) => (/pg_hba/.test(error.message) ? "out" : error.message),
    );
  expect(await from("127.0.0.1")).toBe("in");
  expect(await from("127.0.0.9")).toBe("out");
  const IpPermissions = (range: string, port: number) => [
    { IpProtocol: "tcp", FromPort: port, ToPort: port, IpRanges: [{ CidrIp: range }] },
  ];
  const rule = { GroupId: groupId, IpPermissions: IpPermissions("127.0.0.8/29", 5432) };
  const other = { GroupId: groupId, IpPermissions: IpPermissions("127.0.0.16/29", 5433) };
  await staging.ec2.send(new AuthorizeSecurityGroupIngressCommand(other));
  await staging.ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
  await until(
    () => from("127.0.0.9"),
    (answer) => answer === "in",
  );
  expect(await from("127.0.0.17")).toBe("out");
  await staging.ec2.send(new RevokeSecurityGroupIngressCommand(rule));
  await until(
    () => from("127.0.0.9"),
    (answer) => answer === "out",
  );
  expect(await from("127.0.0.1")).toBe("in");
});
