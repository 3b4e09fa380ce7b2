import {
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DescribeReplicationGroupsCommand,
} from "@aws-sdk/client-elasticache";
import { type TestAccount, type TestAws, until } from "../../support/aws.ts";
import type { Login } from "../../support/aws-databases.ts";

/** Asks for a cache, which is called `sessions` unless it is told otherwise. */
export async function createCache(
  { elastiCache }: TestAccount,
  change: Partial<CreateReplicationGroupCommandInput>,
): Promise<void> {
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
  );
}

/** A cache as the vendor tells it. */
export async function cacheOf({ elastiCache }: TestAccount, ReplicationGroupId: string) {
  const { ReplicationGroups } = await elastiCache.send(
    new DescribeReplicationGroupsCommand({ ReplicationGroupId }),
  );
  return ReplicationGroups?.[0];
}

/** Waits for a cache's status; answers every one on the way. */
export const cacheReached = (account: TestAccount, name: string, status = "available") =>
  until(
    async () => (await cacheOf(account, name))?.Status,
    (actual) => actual === status,
  );

/** How one logs in to a cache of the account, with that password. */
export async function cacheLogin(
  aws: TestAws,
  account: TestAccount,
  name: string,
  password: string,
): Promise<Login> {
  const endpoint = (await cacheOf(account, name))?.NodeGroups?.[0]?.PrimaryEndpoint;
  return {
    host: endpoint?.Address ?? "",
    port: endpoint?.Port ?? 0,
    user: "default",
    password,
    certificate: await aws.certificate(account.accountId),
  };
}
