import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from "@aws-sdk/client-elasticache";
import {
  CreateDBInstanceCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { expect, it, onTestFinished, vi } from "vitest";
import { isAlive } from "../../local/processes.ts";
import { startTestCloud, type TestCloud } from "../support/local-cloud.ts";
import { absolute } from "../support/node-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PATIENT = { timeout: 60_000, interval: 100 };
/** Two servers and two `initdb` are ended one after the other by no more than a second each, and together. */
const PROMPT_MS = 5000;
/** Takes no notice of being asked to end, and never listens. */
const HANG = "trap '' TERM INT; while :; do sleep 0.2; done";

const toolsFile = join(resolve(process.env.BULKHEAD_STATE || absolute(".bulkhead")), "tools.json");

/** From now on a cloud finds these servers' programs instead of its own, which never get ready. */
function letServersHang(): { readonly pids: () => number[] } {
  const folder = temporaryFolder();
  // The servers' user has to get there.
  chmodSync(folder, 0o755);
  const pidFile = join(folder, "pids");
  writeFileSync(pidFile, "", { mode: 0o666 });
  chmodSync(pidFile, 0o666);
  const program = (name: string) => {
    const path = join(folder, "bin", name);
    mkdirSync(join(folder, "bin"), { recursive: true });
    writeFileSync(path, `#!/bin/sh\necho $$ >> '${pidFile}'\n${HANG}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  program("initdb");
  const { programs, ...tools } = JSON.parse(readFileSync(toolsFile, "utf8"));
  const postgres = { ...programs.postgres, path: program("postgres") };
  const valkey = { ...programs.valkey, path: program("valkey-server") };
  const hanging = { ...tools, programs: { ...programs, postgres, valkey } };
  writeFileSync(join(folder, "tools.json"), JSON.stringify(hanging));
  vi.stubEnv("BULKHEAD_STATE", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { pids: () => readFileSync(pidFile, "utf8").split("\n").filter(Boolean).map(Number) };
}

/** One environment's users of DigitalOcean and AWS, whichever cloud runs. */
function usersOf({ digitalocean, aws }: Awaited<ReturnType<TestCloud["issueElsewhere"]>>) {
  const config = (cloud: TestCloud) => ({
    endpoint: cloud.s3Url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
  });
  const call = async (cloud: TestCloud, method: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${cloud.apiUrl}/v2/databases`, {
      method,
      headers: {
        authorization: `Bearer ${digitalocean.apiToken}`,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.ok).toBe(true);
    return response.json();
  };
  return {
    async createAll(cloud: TestCloud) {
      const common = { size: "db-s-1vcpu-1gb", region: "fra1", num_nodes: 1 };
      await call(cloud, "POST", { name: "main", engine: "pg", version: "17", ...common });
      await call(cloud, "POST", { name: "cache", engine: "valkey", version: "8", ...common });
      await new RDSClient(config(cloud)).send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: "orders",
          DBInstanceClass: "db.t4g.micro",
          AllocatedStorage: 20,
          Engine: "postgres",
          MasterUsername: "app",
          MasterUserPassword: "password-for-tests",
        }),
      );
      await new ElastiCacheClient(config(cloud)).send(
        new CreateReplicationGroupCommand({
          ReplicationGroupId: "sessions",
          ReplicationGroupDescription: "sessions",
          TransitEncryptionEnabled: true,
          AuthToken: "auth-token-for-tests",
        }),
      );
    },
    /** Of the four, by name. */
    async states(cloud: TestCloud): Promise<Record<string, string | undefined>> {
      const { databases } = (await call(cloud, "GET")) as {
        databases: { name: string; status: string }[];
      };
      const [{ DBInstances = [] }, { ReplicationGroups = [] }] = await Promise.all([
        new RDSClient(config(cloud)).send(new DescribeDBInstancesCommand({})),
        new ElastiCacheClient(config(cloud)).send(new DescribeReplicationGroupsCommand({})),
      ]);
      return Object.fromEntries([
        ...databases.map(({ name, status }) => [name, status]),
        ...DBInstances.map((each) => [each.DBInstanceIdentifier, each.DBInstanceStatus]),
        ...ReplicationGroups.map((each) => [each.ReplicationGroupId, each.Status]),
      ]);
    },
  };
}

const CREATING = { main: "creating", cache: "creating", orders: "creating", sessions: "creating" };
const READY = { main: "online", cache: "online", orders: "available", sessions: "available" };

it("closes promptly while servers hang at their start, and the next cloud finishes them", async () => {
  const hanging = letServersHang();
  let cloud = await startTestCloud();
  onTestFinished(() => rmSync(cloud.dataDir, { recursive: true, force: true }));
  onTestFinished(() => cloud.close());
  const users = usersOf(await cloud.issueElsewhere("staging"));
  await users.createAll(cloud);

  // Once while they are made, once while the cloud itself starts them.
  for (const round of [1, 2]) {
    await expect.poll(() => hanging.pids().length, PATIENT).toBe(4 * round);
    expect(await users.states(cloud)).toEqual(CREATING);
    if (round === 2) vi.unstubAllEnvs();
    const before = performance.now();
    cloud = await cloud.restart();
    expect(performance.now() - before).toBeLessThan(PROMPT_MS);
    expect(
      hanging
        .pids()
        .slice(0, 4 * round)
        .filter(isAlive),
    ).toEqual([]);
  }
  await expect.poll(() => users.states(cloud), PATIENT).toEqual(READY);
}, 120_000);
