import {
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  DeleteDBParameterGroupCommand,
  DescribeCertificatesCommand,
  DescribeDBEngineVersionsCommand,
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  DescribeOrderableDBInstanceOptionsCommand,
  ModifyDBParameterGroupCommand,
  RebootDBInstanceCommand,
  ResetDBParameterGroupCommand,
} from "@aws-sdk/client-rds";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, startAws, type TestAccount, type TestAws, until } from "../../support/aws.ts";
import { connectPostgres } from "../../support/aws-databases.ts";

let aws: TestAws;
let staging: TestAccount;
let rds: TestAccount["rds"];

const password = "correct-horse-battery";
const group = { DBParameterGroupName: "tuned" };

/** A database in the default VPC, with a parameter group. */
beforeAll(async () => {
  aws = await startAws();
  staging = aws.account("staging");
  rds = staging.rds;
  await rds.send(
    new CreateDBParameterGroupCommand({
      ...group,
      DBParameterGroupFamily: "postgres17",
      Description: "tuned",
    }),
  );
  await set("max_connections", "33", "pending-reboot");
  await set("work_mem", "8192", "immediate");
  await rds.send(
    new CreateDBInstanceCommand({
      ...group,
      DBInstanceIdentifier: "orders",
      DBInstanceClass: "db.t4g.micro",
      AllocatedStorage: 20,
      Engine: "postgres",
      MasterUsername: "app",
      MasterUserPassword: password,
      BackupRetentionPeriod: 0,
    }),
  );
  await reached("orders");
});
afterAll(() => aws.close());

const set = (
  ParameterName: string,
  ParameterValue: string,
  ApplyMethod: "immediate" | "pending-reboot",
) =>
  rds.send(
    new ModifyDBParameterGroupCommand({
      ...group,
      Parameters: [{ ParameterName, ParameterValue, ApplyMethod }],
    }),
  );

async function instance(DBInstanceIdentifier: string) {
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  return DBInstances?.[0];
}

const reached = (name: string, status = "available") =>
  until(
    async () => (await instance(name))?.DBInstanceStatus,
    (actual) => actual === status,
  );

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

async function setting(name: string): Promise<string> {
  const database = await connect("orders");
  const { rows } = await database.query("SELECT current_setting($1) AS value", [name]);
  return rows[0].value;
}

const applyStatus = async () =>
  (await instance("orders"))?.DBParameterGroups?.[0]?.ParameterApplyStatus;

test("a server has its group's parameters, the static ones after a reboot", async () => {
  expect([await setting("max_connections"), await setting("work_mem")]).toEqual(["33", "8MB"]);
  await set("work_mem", "16384", "immediate");
  await until(
    () => setting("work_mem"),
    (value) => value === "16MB",
  );
  expect(await applyStatus()).toBe("in-sync");
  await set("max_connections", "44", "pending-reboot");
  await set("lock_timeout", "5000", "pending-reboot");
  expect(await applyStatus()).toBe("pending-reboot");
  expect([await setting("max_connections"), await setting("lock_timeout")]).toEqual(["33", "0"]);
  await rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: "orders" }));
  await reached("orders");
  expect([await setting("max_connections"), await setting("lock_timeout")]).toEqual(["44", "5s"]);
  expect(await applyStatus()).toBe("in-sync");
  const Parameters = [{ ParameterName: "work_mem", ApplyMethod: "immediate" as const }];
  await rds.send(new ResetDBParameterGroupCommand({ ...group, Parameters }));
  await until(
    () => setting("work_mem"),
    (value) => value === "4MB",
  );

  const { Parameters: user } = await rds.send(
    new DescribeDBParametersCommand({ ...group, Source: "user" }),
  );
  expect(user?.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue])).toEqual(
    [
      ["lock_timeout", "5000"],
      ["max_connections", "44"],
    ],
  );
});

test.each([
  ["rds.force_ssl", "0", "pending-reboot", "InvalidParameterValue"],
  ["max_connections", "3", "pending-reboot", "InvalidParameterValue"],
  ["max_connections", "50", "immediate", "InvalidParameterCombination"],
  ["work_mem", "{DBInstanceClassMemory/1024}", "immediate", "InvalidParameterValue"],
  ["data_directory", "/", "pending-reboot", "InvalidParameterValue"],
  ["shared_preload_libraries", "/tmp/mine.so", "pending-reboot", "InvalidParameterValue"],
] as const)("the parameter %s cannot be %s, %s", async (name, value, method, code) => {
  expect(await codeOf(set(name, value, method))).toBe(code);
  await set("rds.force_ssl", "1", "pending-reboot");
});

test("a parameter group that an instance has stays", async () => {
  expect(await codeOf(rds.send(new DeleteDBParameterGroupCommand(group)))).toBe(
    "InvalidDBParameterGroupStateFault",
  );
  const standard = { DBParameterGroupName: "default.postgres17" };
  expect(await codeOf(rds.send(new DeleteDBParameterGroupCommand(standard)))).toBe(
    "InvalidDBParameterGroupStateFault",
  );
});

test("a server that does not start with its parameters says so, and starts again with others", async () => {
  const reboot = () => rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: "orders" }));
  await set("shared_buffers", "1073741823", "pending-reboot");
  await reboot();
  await reached("orders", "incompatible-parameters");
  expect(aws.logLines.join("\n")).toMatch(/The database orders of AWS account \d+ cannot go on/);
  const Parameters = [{ ParameterName: "shared_buffers", ApplyMethod: "pending-reboot" as const }];
  await rds.send(new ResetDBParameterGroupCommand({ ...group, Parameters }));
  await reboot();
  await reached("orders");
  expect(await setting("shared_buffers")).toBe("16MB");
});

test("the catalogue has the one version, its classes and authorities", async () => {
  const { DBEngineVersions } = await rds.send(
    new DescribeDBEngineVersionsCommand({ Engine: "postgres" }),
  );
  expect(DBEngineVersions).toMatchObject([
    { EngineVersion: expect.stringMatching(/^17\./), DBParameterGroupFamily: "postgres17" },
  ]);
  const { OrderableDBInstanceOptions } = await rds.send(
    new DescribeOrderableDBInstanceOptionsCommand({
      Engine: "postgres",
      DBInstanceClass: "db.t4g.micro",
    }),
  );
  expect(OrderableDBInstanceOptions?.map(({ StorageType }) => StorageType)).toContain("gp3");
  const { Certificates } = await rds.send(new DescribeCertificatesCommand({}));
  expect(Certificates?.[0]?.CertificateIdentifier).toBe("rds-ca-rsa2048-g1");
});
