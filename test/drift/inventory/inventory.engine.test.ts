import Cloudflare from "cloudflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shelvesOf } from "../../../drift/inventory/catalogue.ts";
import { importIdOf, removeUnmanaged } from "../../../drift/inventory/remedies.ts";
import { PartlyUnknown } from "../../../drift/probes/probe.ts";
import { unmanaged } from "../../../drift/probes/unmanaged.ts";
import { openTestEstate, type TestEstate } from "../../support/estate.ts";
import { type Accounts, accountsOf, probeInput, type Vendors, vendorsOf } from "./accounts.ts";
import {
  AWS_CASES,
  CLOUDFLARE_CASES,
  DIGITALOCEAN_CASES,
  eventually,
  type Made,
  sharedCluster,
} from "./products.ts";

let estate: TestEstate;
let accounts: Accounts;
let vendors: Vendors;

beforeAll(async () => {
  estate = openTestEstate();
  await estate.bulkhead("local", "up");
  await estate.openEnvironment("staging");
  await estate.openEnvironment("production");
  accounts = await accountsOf(estate, "staging");
  vendors = await vendorsOf(accounts);
});
afterAll(() => estate?.close());

const CLUSTER = "digitalocean:index/databaseCluster:DatabaseCluster";

/** What the probe finds; what the tests make things in counts as owned, and so do further owners. */
async function found(...owners: string[]) {
  const owned = new Set(owners);
  for (const shelf of await shelvesOf(accounts))
    for (const { id, name } of await shelf.list())
      if (["shared", "routed", "at-home"].includes(name)) owned.add(`${shelf.types[0]} ${id}`);
  return unmanaged.run(probeInput(accounts, owned));
}

test("an account with nothing but the vendors' own things has nothing unmanaged", async () => {
  expect(await found()).toEqual([]);
  const expected = await Promise.all(
    (await shelvesOf(accounts)).map(async (shelf) =>
      (await shelf.list()).map(({ name, expected }) => ({ thing: shelf.thing, name, expected })),
    ),
  );
  const things = expected.flat().map(({ thing }) => thing);
  // Near misses: they are there, and known by their reasons.
  expect(new Set(things)).toEqual(
    new Set([
      ...["project", "Spaces key", "VPC", "subnet", "security group"],
      ...["RDS parameter group", "ElastiCache parameter group", "ElastiCache user"],
    ]),
  );
  for (const { expected: reason } of expected.flat()) expect(reason).toMatch(/^[A-Z].*\.$/);
});

describe.each([
  ["Cloudflare", CLOUDFLARE_CASES],
  ["DigitalOcean", DIGITALOCEAN_CASES],
  ["AWS", AWS_CASES],
] as const)("what somebody makes at %s beside every stack", (vendor, cases) => {
  test.each(cases)("is found, and removed: $type", async ({ type, make, holds }) => {
    const made: Made = await make(vendors);
    const differences = await found();
    const difference = differences.find(({ subject }) => subject.type === type);
    // Nothing that the vendors make along with it; the snapshot is one of an instance that stays.
    const others = differences.map(({ subject: { name } }) => name);
    expect(others.filter((name) => ![made.name, "ledger"].includes(name))).toEqual([]);
    expect(difference).toMatchObject({
      kind: "unmanaged",
      subject: { urn: null, type, id: made.id, name: made.name },
      message: expect.stringContaining(
        `${made.name} is in this environment's account at ${vendor}`,
      ),
      changes: [],
      rules: [],
    });
    if (difference?.trace) {
      expect(difference.trace).toMatchObject({ actor: null, source: `${vendor} API` });
      expect(Math.abs(Date.parse(difference.trace.at) - Date.now())).toBeLessThan(600_000);
    }
    expect(await importIdOf(accounts, type, made.id)).toBe(made.importId ?? made.id);
    if (holds !== undefined) {
      const refused = removeUnmanaged(accounts, type, made.id);
      await expect(refused).rejects.toThrow(`holds ${holds}, which nobody could bring back`);
      expect((await found()).map(({ subject }) => subject.id)).toContain(made.id);
    }
    await removeUnmanaged(accounts, type, made.id, { withData: holds !== undefined });
    await eventually(
      () => found(),
      (rest) => !rest.some(({ subject }) => subject.type === type && subject.id === made.id),
    );
    const again = removeUnmanaged(accounts, type, made.id);
    await expect(again).rejects.toThrow(/^\w+ has no .* in the stack's account/);
  });
});

test("what is in a cluster that nobody owns is reported with the cluster alone", async () => {
  const cluster = await sharedCluster(vendors);
  const { api } = accounts.digitalocean;
  await api.post(`/databases/${cluster.id}/dbs`, { name: "inner" });
  const ids = async (...owned: string[]) =>
    (await unmanaged.run(probeInput(accounts, new Set(owned))))
      .map(({ subject }) => subject.id)
      .filter((id) => id?.startsWith(cluster.id));
  expect(await ids()).toEqual([cluster.id]);
  const owner = `${CLUSTER} ${cluster.id}`;
  expect(await ids(owner)).toEqual([`${cluster.id}/database/inner`]);
  expect(await ids(owner, databaseBySql(cluster, "inner"))).toEqual([]);
  expect(await ids(owner, databaseBySql(cluster, "other"))).toHaveLength(1);
});

const databaseBySql = (
  { connection }: Awaited<ReturnType<typeof sharedCluster>>,
  name: string,
): string => `bulkhead:postgres:Database ${connection?.host}:${connection?.port}/${name}`;

test("a thing that another stack of a shared account owns is not reported", async () => {
  const { client, accountId: account_id } = accounts.cloudflare;
  const { id } = await client.kv.namespaces.create({ account_id, title: "of-another-stack" });
  const type = "cloudflare:index/workersKvNamespace:WorkersKvNamespace";
  expect((await found()).map(({ subject }) => subject.id)).toContain(id);
  expect((await found(`${type} ${id}`)).map(({ subject }) => subject.id)).not.toContain(id);
  await removeUnmanaged(accounts, type, id);
});

test("a Worker's variables tell which environment it was made for", async () => {
  const worker = async (name: string, environment: string) => {
    const { scriptForm } = await import("../../support/workers.ts");
    const text = { PROJECT: "bulkhead", ENVIRONMENT: environment };
    const bindings = Object.entries(text).map(([variable, value]) => ({
      type: "plain_text",
      name: variable,
      text: value,
    }));
    const body = scriptForm("export default { fetch: () => new Response() }", { bindings });
    const { client, accountId } = accounts.cloudflare;
    await client.put(`/accounts/${accountId}/workers/scripts/${name}`, { body });
  };
  await worker("left", "staging");
  await worker("astray", "production");
  const told = new Map((await found()).map((each) => [each.subject.name, each]));
  expect(told.get("left")).toMatchObject({
    kind: "orphaned",
    message: expect.stringMatching(/It was made for this environment: its labels say/),
  });
  expect(told.get("astray")).toMatchObject({
    kind: "unmanaged",
    message: expect.stringMatching(/labels say that it is of the environment production of/),
  });
  for (const name of ["left", "astray"])
    await removeUnmanaged(accounts, "cloudflare:index/workersScript:WorkersScript", name);
});

test("what the credentials may not list is told, and the other products are looked at all the same", async () => {
  const { client, accountId: account_id } = accounts.cloudflare;
  const { id } = await client.kv.namespaces.create({ account_id, title: "seen" });
  const { apiUrl } = await estate.cloud();
  // A token without the right to D1, by a client that is refused there.
  const apiToken = client.apiToken ?? "";
  const refusing = new Cloudflare({
    apiToken,
    baseURL: `${apiUrl}/client/v4`,
    maxRetries: 0,
    fetch: (url, init) => {
      const path = String(url).replace(/accounts\/\w+\/d1/, `accounts/${"0".repeat(32)}/d1`);
      return fetch(path, init);
    },
  });
  const limited = { ...accounts, cloudflare: { client: refusing, accountId: account_id } };
  const error = await unmanaged.run(probeInput(limited)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PartlyUnknown);
  const { message, differences } = error as PartlyUnknown;
  expect(message).toBe(
    "Cloudflare's D1 databases: Unauthorized to access requested resource. " +
      "Give the stack's credentials there the permission D1 Read.",
  );
  expect(differences.map(({ subject }) => subject.id)).toContain(id);
});

test("a vendor that does not answer is one problem with all its products in it", async () => {
  const { s3Url } = await estate.cloud();
  const down = {
    cloudflare: undefined,
    digitalocean: undefined,
    aws: { ...accounts.aws, secretAccessKey: "wrong", endpoint: s3Url },
  };
  const error = await unmanaged.run(probeInput(down)).catch((thrown: unknown) => thrown);
  expect((error as PartlyUnknown).message).toMatch(/AWS's RDS instances.*AWS's ElastiCache users/);
  expect((error as PartlyUnknown).message).not.toContain("wrong");
});

test("the vendor's own things are never removed", async () => {
  const [shelf] = (await shelvesOf(accounts)).filter(({ thing }) => thing === "project");
  const [project] = (await shelf?.list()) ?? [];
  const removal = removeUnmanaged(accounts, shelf?.types[0] ?? "", project?.id ?? "");
  await expect(removal).rejects.toThrow(/is not to be removed: DigitalOcean makes/);
});

test("a type that no table has is refused with what to do", async () => {
  const removal = removeUnmanaged(accounts, "gcp:storage/bucket:Bucket", "x");
  await expect(removal).rejects.toThrow(/cannot be handled here.*vendor's own tools/);
});
