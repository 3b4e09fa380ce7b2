import { CreateVpcCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importIdOf, removeUnmanaged } from "../../../drift/inventory/remedies.ts";
import type { DriftReport } from "../../../drift/report/report.ts";
import { openTestEstate, stateResources, type TestEstate } from "../../support/estate.ts";
import { type Accounts, accountsOf, type Vendors, vendorsOf } from "./accounts.ts";

const D1 = "cloudflare:index/d1Database:D1Database";
const DATABASE = "digitalocean:index/databaseDb:DatabaseDb";
const VPC = "aws:ec2/vpc:Vpc";

let estate: TestEstate;
let accounts: Accounts;
let vendors: Vendors;

beforeAll(async () => {
  estate = openTestEstate(undefined, ["cutty", "agentverse", "instainstru", "handled"]);
  const { exitCode, output } = await estate.bulkhead("up", "staging", "--yes");
  expect(exitCode, output).toBe(0);
  accounts = await accountsOf(estate, "staging");
  vendors = await vendorsOf(accounts);
}, 600_000);
afterAll(() => estate?.close());

/** What the command reports that no stack owns, by type and name. */
async function reported() {
  const { stdout, output } = await estate.bulkhead("drift", "staging", "--json");
  const report = JSON.parse(stdout) as DriftReport;
  const [stack] = report.stacks;
  expect(stack?.problems, output).toEqual([]);
  const beside = stack?.findings.filter(({ subject: { urn } }) => urn === null) ?? [];
  return new Map(beside.map((finding) => [keyOf(finding.subject), finding]));
}

const keyOf = ({ type, name }: { readonly type: string; readonly name: string }): string =>
  `${type} ${name}`;

const idOf = (type: string): string =>
  stateResources(estate, "staging").find((each) => each.type === type)?.id ?? "";

test("of a deployed estate every id is known, and what is made beside it is told from it", async () => {
  expect(await reported()).toEqual(new Map());

  const { client, accountId: account_id } = accounts.cloudflare;
  const name = "cutty-archive-staging";
  const { uuid = "" } = await client.d1.database.create({ account_id, name });
  const cluster = idOf("digitalocean:index/databaseCluster:DatabaseCluster");
  const clusters = await accounts.digitalocean.api.list<{ id: string; engine: string }>(
    "/databases",
    "databases",
  );
  const postgres = clusters.find(({ engine }) => engine === "pg")?.id ?? cluster;
  await accounts.digitalocean.api.post(`/databases/${postgres}/dbs`, { name: "scratch" });
  const tags = [
    { Key: "Project", Value: "bulkhead" },
    { Key: "Environment", Value: "production" },
  ];
  const { Vpc } = await vendors.aws.ec2.send(
    new CreateVpcCommand({
      CidrBlock: "10.99.0.0/16",
      TagSpecifications: [{ ResourceType: "vpc", Tags: tags }],
    }),
  );
  const vpc = Vpc?.VpcId ?? "";

  const found = await reported();
  const keys = [`${D1} ${name}`, `${DATABASE} scratch`, `${VPC} ${vpc}`] as const;
  expect([...found.keys()].sort()).toEqual([...keys].sort());
  const [database, scratch, network] = keys.map((key) => found.get(key));
  expect(database).toMatchObject({
    kind: "orphaned",
    subject: { type: D1, id: uuid },
    message: expect.stringContaining('begins with the system cutty and carries "-staging"'),
    trace: { source: expect.stringContaining("Cloudflare") },
  });
  expect(scratch).toMatchObject({
    kind: "unmanaged",
    subject: { type: DATABASE, id: `${postgres}/database/scratch` },
  });
  expect(network).toMatchObject({
    kind: "unmanaged",
    subject: { type: VPC, id: vpc },
    message: expect.stringContaining("environment production of the project bulkhead"),
  });

  expect(await importIdOf(accounts, DATABASE, `${postgres}/database/scratch`)).toBe(
    `${postgres},scratch`,
  );
  await removeUnmanaged(accounts, D1, uuid);
  await removeUnmanaged(accounts, DATABASE, `${postgres}/database/scratch`, { withData: true });
  await removeUnmanaged(accounts, VPC, vpc);
  expect(await reported()).toEqual(new Map());
});

test("what a stack forgets without deleting it is orphaned from then on", async () => {
  const bucket = stateResources(estate, "staging").find(({ type }) => type.endsWith(":R2Bucket"));
  const forgotten = await estate.shell(
    `pulumi state delete '${bucket?.urn}' --target-dependents --force --yes --stack staging`,
  );
  expect(forgotten.exitCode, forgotten.output).toBe(0);
  const found = await reported();
  const type = "cloudflare:index/r2Bucket:R2Bucket";
  expect(found.get(`${type} cutty-files-staging`)).toMatchObject({
    kind: "orphaned",
    subject: { type, id: "cutty-files-staging" },
  });
});
