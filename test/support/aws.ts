import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { RDSClient } from "@aws-sdk/client-rds";
import { STSClient } from "@aws-sdk/client-sts";
import {
  accountAuthority,
  type IssuedAwsAccount,
  issueAwsAccount,
} from "../../local/aws/accounts.ts";
import { awsApi, start, stop } from "../../local/aws/index.ts";
import { type ServedVendor, serveVendor } from "./vendor.ts";

/** The vendor's own clients, with one account's key. */
export interface AwsClients {
  readonly ec2: EC2Client;
  readonly rds: RDSClient;
  readonly elastiCache: ElastiCacheClient;
  readonly sts: STSClient;
}

export interface TestAccount extends IssuedAwsAccount, AwsClients {}

/** AWS's APIs over real engines, with their data in a folder of its own. */
export interface TestAws extends ServedVendor {
  /** An account of that name with a new key; an earlier key of it ends. */
  readonly account: (environment: string) => TestAccount;
  /** Clients with a key that was issued earlier, or with anything else. */
  readonly clients: (
    key: Pick<IssuedAwsAccount, "accessKeyId" | "secretAccessKey">,
    region?: string,
  ) => AwsClients;
  /** The certificate authority of an account's servers, PEM. */
  readonly certificate: (accountId: string) => Promise<string>;
  /** Stops, and starts again on the same data as a new cloud does. Keys stay valid. */
  readonly restart: () => Promise<TestAws>;
}

export async function startAws(
  dataDir = mkdtempSync(join(tmpdir(), "bulkhead-aws-")),
): Promise<TestAws> {
  const served = await serveVendor(dataDir, (cloud) => ({
    fetch: awsApi(cloud).fetch,
    start: () => start(cloud),
    stop: () => stop(cloud),
  }));
  const { cloud, origin } = served;
  const clients: TestAws["clients"] = ({ accessKeyId, secretAccessKey }, region = "us-east-1") => {
    const config = {
      endpoint: origin,
      region,
      maxAttempts: 1,
      credentials: { accessKeyId, secretAccessKey },
    };
    return {
      ec2: new EC2Client(config),
      rds: new RDSClient(config),
      elastiCache: new ElastiCacheClient(config),
      sts: new STSClient(config),
    };
  };
  return {
    ...served,
    account(environment) {
      const issued = issueAwsAccount(cloud, environment);
      return { ...issued, ...clients(issued) };
    },
    clients,
    certificate: async (accountId) => (await accountAuthority(cloud, accountId)).certificate,
    async restart() {
      await served.stop();
      return startAws(dataDir);
    },
  };
}

/** Asks until the answer is as wanted, for two minutes; answers every different one on the way. */
export async function until<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
): Promise<readonly T[]> {
  const answers: T[] = [];
  const deadline = Date.now() + 120_000;
  for (;;) {
    const answer = await ask();
    if (JSON.stringify(answer) !== JSON.stringify(answers.at(-1))) answers.push(answer);
    if (isWanted(answer)) return answers;
    if (Date.now() > deadline) throw new Error(`It stayed ${JSON.stringify(answers)}.`);
    await sleep(50);
  }
}

/** The name and status of what a call was refused with. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ readonly name: string; readonly status: number | undefined }> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, status: $metadata?.httpStatusCode };
  }
  throw new Error("The call was expected to be refused, but it succeeded.");
}

/** The vendor's name for what a call was refused with. */
export const codeOf = async (call: Promise<unknown>): Promise<string> =>
  (await refusalOf(call)).name;
