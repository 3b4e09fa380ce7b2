import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AwsProject, openAwsProject, UP } from "./aws-project.ts";

let project: AwsProject;
let rds: RDSClient;

beforeAll(async () => {
  project = await openAwsProject();
  rds = new RDSClient(project.client);
});
afterAll(() => project?.close());

const DB_URN = "urn:pulumi:test::scratch::aws:rds/instance:Instance::db";
const PASSWORD = "correct-horse-battery";
const NEW_PASSWORD = "staple-of-another-horse";

const HEAD = `
import { Instance } from "@pulumi/aws/rds/instance.js";
import { ParameterGroup } from "@pulumi/aws/rds/parameterGroup.js";
import { Snapshot } from "@pulumi/aws/rds/snapshot.js";
import { SubnetGroup } from "@pulumi/aws/rds/subnetGroup.js";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
`;

interface Changes {
  readonly storage?: number;
  readonly memory?: string;
  readonly password?: string;
  readonly identifier?: string;
  readonly username?: string;
  readonly options?: string;
  readonly protect?: boolean;
}

const stack = (changes: Changes = {}) => `${HEAD}
const vpc = new Vpc("net", { cidrBlock: "10.20.0.0/16" });
const subnets = ["a", "b"].map((zone, index) => new Subnet(zone, { vpcId: vpc.id, cidrBlock: \`10.20.\${index}.0/24\`, availabilityZone: \`us-east-1\${zone}\` }));
const group = new SecurityGroup("db", { vpcId: vpc.id, ingress: [{ protocol: "tcp", fromPort: 5432, toPort: 5432, cidrBlocks: ["0.0.0.0/0"] }] });
const subnetGroup = new SubnetGroup("db", { name: "orders", subnetIds: subnets.map(({ id }) => id) });
const parameters = new ParameterGroup("db", { family: "postgres17", parameters: [{ name: "work_mem", value: "${changes.memory ?? "8192"}" }] });
const db = new Instance("db", {
  identifier: "${changes.identifier ?? "orders"}",
  engine: "postgres", engineVersion: "17", instanceClass: "db.t4g.micro",
  allocatedStorage: ${changes.storage ?? 20}, storageType: "gp3",
  dbName: "shop", username: "${changes.username ?? "owner"}", password: "${changes.password ?? PASSWORD}",
  dbSubnetGroupName: subnetGroup.name, parameterGroupName: parameters.name,
  vpcSecurityGroupIds: [group.id], applyImmediately: true, skipFinalSnapshot: true,
  deletionProtection: ${changes.protect ?? false},
  tags: { system: "orders" },
}, { ${changes.options ?? ""} });
export const address = db.address;
export const endpoint = db.endpoint;
export const port = db.port;
export const arn = db.arn;
export const status = db.status;
export const version = db.engineVersionActual;
export const resourceId = db.resourceId;
export const id = db.id;
export const vpcId = subnetGroup.vpcId;
`;

/** What the stack has from the first change in place on. */
const CHANGED = { storage: 30, memory: "16384", password: NEW_PASSWORD };

async function query(text: string, password = PASSWORD): Promise<unknown[]> {
  const { address, port } = await project.scratch.outputs();
  const client = new pg.Client({
    host: String(address),
    port: Number(port),
    user: "owner",
    database: "shop",
    password,
    ssl: { rejectUnauthorized: false },
  });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test("a creation that takes longer than it may leaves a state that the next up completes", async () => {
  project.aws.rewriteAnswers({
    matches: /Action=DescribeDBInstances&/,
    rewrite: (answer) =>
      answer.replace(/<DBInstanceStatus>[\w-]+</g, "<DBInstanceStatus>creating<"),
  });
  project.scratch.program(stack({ options: 'customTimeouts: { create: "2s" }' }));
  const output = await project.refused(...UP);
  // What goes on is shown at the resource.
  expect(output).toMatch(/aws:rds:Instance db creating \(\d+s\) creating: 1 s/);
  expect(output).toMatch(
    /is not ready after \d+ s of creating: its state at the vendor is "creating"/,
  );
  expect(output).toContain("Run `pulumi up` again to go on waiting");
  project.aws.rewriteAnswers();
  await project.pulumi(...UP);
  const outputs = await project.scratch.outputs();
  expect(outputs).toMatchObject({
    arn: `arn:aws:rds:us-east-1:${project.account.accountId}:db:orders`,
    status: "available",
    version: "17.10",
    endpoint: `${outputs.address}:${outputs.port}`,
    resourceId: expect.stringMatching(/^db-/),
    id: outputs.resourceId,
    vpcId: expect.stringMatching(/^vpc-/),
  });
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({}));
  expect(DBInstances).toHaveLength(1);
});

test("the instance works, and a following preview and refresh change nothing", async () => {
  expect(await query("SHOW work_mem")).toEqual([{ work_mem: "8MB" }]);
  project.scratch.program(stack());
  await project.pulumi("preview", "--expect-no-changes", "--diff");
  await project.pulumi("refresh", "--yes", "--expect-no-changes", "--diff");
});

test("no password is in plaintext in the state or in any output", async () => {
  const stacks = join(project.scratch.folder, "backend", ".pulumi", "stacks", "scratch");
  for (const file of readdirSync(stacks).filter((each) => each.endsWith(".json"))) {
    const state = readFileSync(join(stacks, file), "utf8");
    expect(state).toContain("orders");
    expect(state).not.toContain(PASSWORD);
    expect(state).not.toContain(project.account.secretAccessKey);
  }
  expect(await project.pulumi("stack", "output")).not.toContain(PASSWORD);
});

test("storage, parameters and the password change in place, and data stays", async () => {
  await query("CREATE TABLE kept AS SELECT 1 AS n");
  project.scratch.program(stack(CHANGED));
  expect(await project.pulumi("preview")).toContain("2 to update");
  await project.pulumi(...UP);
  expect(await query("SELECT n FROM kept", NEW_PASSWORD)).toEqual([{ n: 1 }]);
  await expect(query("SELECT 1", PASSWORD)).rejects.toThrow(/password authentication failed/);
  await expect
    .poll(() => query("SHOW work_mem", NEW_PASSWORD), { timeout: 60_000 })
    .toEqual([{ work_mem: "16MB" }]);
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({}));
  expect(DBInstances?.[0]?.AllocatedStorage).toBe(30);
  await project.pulumi("refresh", "--yes", "--expect-no-changes", "--diff");
});

test("another master user is a replace", async () => {
  project.scratch.program(stack({ ...CHANGED, username: "other" }));
  expect(await project.pulumi("preview", "--diff")).toMatch(
    /\+-\s*aws:rds\/instance:Instance: \(replace\)/,
  );
});

test("another identifier renames the instance, which keeps its id and data", async () => {
  const before = await project.scratch.outputs();
  project.scratch.program(stack({ ...CHANGED, identifier: "renamed" }));
  expect(await project.pulumi("preview")).toContain("1 to update");
  await project.pulumi(...UP);
  const after = await project.scratch.outputs();
  expect(after).toMatchObject({ id: before.id, arn: expect.stringMatching(/:db:renamed$/) });
  expect(await query("SELECT n FROM kept", NEW_PASSWORD)).toEqual([{ n: 1 }]);
  await project.pulumi("preview", "--expect-no-changes", "--diff");
  project.scratch.program(stack(CHANGED));
  await project.pulumi(...UP);
});

test("an instance that exists can be imported, and is clean after its password was set", async () => {
  await project.pulumi("state", "delete", DB_URN, "--yes");
  await project.pulumi(
    ...["import", "aws:rds/instance:Instance", "db", "orders"],
    ...["--yes", "--protect=false", "--generate-code=false"],
  );
  // No API tells a password, or what only Pulumi knows.
  const preview = await project.pulumi("preview", "--diff");
  expect(preview).toMatch(/\+ password/);
  expect(preview).toContain("1 to update");
  await project.pulumi(...UP);
  await project.pulumi("preview", "--expect-no-changes", "--diff");
});

test("refresh sees a change behind Pulumi's back, and up repairs it", async () => {
  project.scratch.program(stack(CHANGED));
  await rds.send(
    new ModifyDBInstanceCommand({
      DBInstanceIdentifier: "orders",
      DeletionProtection: true,
      ApplyImmediately: true,
    }),
  );
  await untilAvailable();
  const output = await project.pulumi("refresh", "--yes", "--diff");
  expect(output).toMatch(/deletionProtection: false => true|deletionProtection: true/);
  await project.pulumi(...UP);
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({}));
  expect(DBInstances?.[0]?.DeletionProtection).toBe(false);
});

test("a snapshot waits until it is there", async () => {
  project.scratch.program(`${stack(CHANGED)}
const snapshot = new Snapshot("before", { dbInstanceIdentifier: db.identifier, dbSnapshotIdentifier: "before" });
export const snapshotStatus = snapshot.status;`);
  await project.pulumi(...UP);
  expect((await project.scratch.outputs()).snapshotStatus).toBe("available");
  await project.pulumi("preview", "--expect-no-changes", "--diff");
});

test("an instance with protection is not deleted, and the error says what to do", async () => {
  project.scratch.program(stack({ ...CHANGED, protect: true }));
  await project.pulumi(...UP);
  const output = await project.refused(
    "destroy",
    "--yes",
    "--target",
    DB_URN,
    "--target-dependents",
  );
  expect(output).toMatch(/[Pp]rotect/);
  expect(output).toContain("Set deletionProtection to false");
  project.scratch.program(stack(CHANGED));
  await project.pulumi(...UP);
});

test("an instance that is gone is created anew, and a creation whose answer was lost is adopted", async () => {
  const DBInstanceIdentifier = "orders";
  await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }));
  await expect
    .poll(async () => (await rds.send(new DescribeDBInstancesCommand({}))).DBInstances, {
      timeout: 60_000,
    })
    .toEqual([]);
  expect(await project.pulumi("refresh", "--yes", "--diff")).toMatch(
    /- aws:rds\/instance:Instance: \(delete\)/,
  );
  project.aws.loseAnswerTo(/Action=CreateDBInstance&/);
  await project.pulumi(...UP);
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({}));
  expect(DBInstances).toHaveLength(1);
});

test("destroy leaves a final snapshot where the program names one, and nothing else", async () => {
  const program = stack(CHANGED);
  project.scratch.program(program.replace("skipFinalSnapshot: true", "skipFinalSnapshot: false"));
  await project.pulumi(...UP);
  expect(await project.refused("destroy", "--yes")).toContain("Set finalSnapshotIdentifier");
  project.scratch.program(
    program.replace("skipFinalSnapshot: true", 'finalSnapshotIdentifier: "last"'),
  );
  await project.pulumi(...UP);
  await project.pulumi("destroy", "--yes");
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({}));
  expect(DBInstances).toEqual([]);
  const { DBSnapshots } = await rds.send(new DescribeDBSnapshotsCommand({}));
  expect(DBSnapshots?.map((each) => each.DBSnapshotIdentifier)).toEqual(["last"]);
});

async function untilAvailable(): Promise<void> {
  await expect
    .poll(
      async () => {
        const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({}));
        return DBInstances?.[0]?.DBInstanceStatus;
      },
      { timeout: 60_000 },
    )
    .toBe("available");
}
