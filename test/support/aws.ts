import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { RDSClient } from "@aws-sdk/client-rds";
import { STSClient } from "@aws-sdk/client-sts";
import { createAdaptorServer } from "@hono/node-server";
import {
  accountAuthority,
  type IssuedAwsAccount,
  issueAwsAccount,
} from "../../local/aws/accounts.ts";
import { awsApi, start, stop } from "../../local/aws/index.ts";
import { openEngines } from "../../local/engines/index.ts";
import { openDocumentStore } from "../../local/store/document-store.ts";
import { openVault } from "../../local/store/vault.ts";
import type { VendorContext } from "../../local/vendor-context.ts";

/** The vendor's own clients, with one account's key. */
export interface AwsClients {
  readonly ec2: EC2Client;
  readonly rds: RDSClient;
  readonly elastiCache: ElastiCacheClient;
  readonly sts: STSClient;
}

export interface TestAccount extends IssuedAwsAccount, AwsClients {}

/** AWS's APIs over real engines, on a free loopback port, with their data in a folder of its own. */
export interface TestAws {
  readonly cloud: VendorContext;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly logLines: readonly string[];
  /** An account of that name with a new key; an earlier key of it ends. */
  readonly account: (environment: string) => TestAccount;
  /** Clients with a key that was issued earlier, or with anything else. */
  readonly clients: (
    key: Pick<IssuedAwsAccount, "accessKeyId" | "secretAccessKey">,
    region?: string,
  ) => AwsClients;
  /** The certificate authority of an account's servers, PEM. */
  readonly certificate: (accountId: string) => Promise<string>;
  /** Resolves when what was left unfinished is done. */
  readonly started: Promise<void>;
  /** Ends server and engines, keeps the data. */
  readonly stop: () => Promise<void>;
  /** Stops, and starts again on the same data as a new cloud does. Keys stay valid. */
  readonly restart: () => Promise<TestAws>;
  /** Stops, and deletes the data. */
  readonly close: () => Promise<void>;
}

export async function startAws(
  dataDir = mkdtempSync(join(tmpdir(), "bulkhead-aws-")),
): Promise<TestAws> {
  const logLines: string[] = [];
  const log = (line: string) => logLines.push(line);
  const store = openDocumentStore(join(dataDir, "store.sqlite"));
  const engines = openEngines({ dataDir, log });
  const cloud: VendorContext = {
    store,
    vault: openVault(join(dataDir, "store.key")),
    engines,
    dataDir,
    s3Origin: () => origin,
    log,
  };
  const server = createAdaptorServer({ fetch: awsApi(cloud).fetch }) as Server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const started = start(cloud);

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
  const end = async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    await stop(cloud);
    await engines.dispose();
    store.close();
  };
  return {
    cloud,
    origin,
    logLines,
    account(environment) {
      const issued = issueAwsAccount(cloud, environment);
      return { ...issued, ...clients(issued) };
    },
    clients,
    certificate: async (accountId) => (await accountAuthority(cloud, accountId)).certificate,
    started,
    stop: end,
    async restart() {
      await end();
      return startAws(dataDir);
    },
    async close() {
      await end();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
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
