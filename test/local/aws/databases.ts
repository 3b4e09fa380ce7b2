import {
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  DescribeDBInstancesCommand,
} from "@aws-sdk/client-rds";
import { type TestAccount, type TestAws, until } from "../../support/aws.ts";
import type { Login } from "../../support/aws-databases.ts";

/** Password of the master of every database. */
export const MASTER_PASSWORD = "correct-horse-battery";

/** Asks for a database, which is called `orders` unless it is told otherwise. */
export async function createDatabase(
  { rds }: TestAccount,
  change: Partial<CreateDBInstanceCommandInput>,
): Promise<void> {
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: "orders",
      DBInstanceClass: "db.t4g.micro",
      AllocatedStorage: 20,
      Engine: "postgres",
      EngineVersion: "17",
      MasterUsername: "app",
      MasterUserPassword: MASTER_PASSWORD,
      ...change,
    }),
  );
}

/** A database as the vendor tells it. */
export async function databaseOf({ rds }: TestAccount, DBInstanceIdentifier: string) {
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  return DBInstances?.[0];
}

/** Waits for a database's status; answers every one on the way. */
export const databaseReached = (account: TestAccount, name: string, status: string) =>
  until(
    async () => (await databaseOf(account, name))?.DBInstanceStatus,
    (actual) => actual === status,
  );

/** How the master of the account's `orders` logs in to the database of that name. */
export async function masterLogin(aws: TestAws, account: TestAccount): Promise<Login> {
  const endpoint = (await databaseOf(account, "orders"))?.Endpoint;
  return {
    host: endpoint?.Address ?? "",
    port: endpoint?.Port ?? 0,
    user: "app",
    password: MASTER_PASSWORD,
    database: "orders",
    certificate: await aws.certificate(account.accountId),
  };
}
