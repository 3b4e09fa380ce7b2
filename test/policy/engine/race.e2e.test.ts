import { afterEach, beforeEach, expect, it } from "vitest";
import { openTestEstate, type TestEstate } from "../../support/estate.ts";
import { makeTwins } from "./twins.ts";

/* Two stacks that claim the same bucket of a third environment, at the same time. */

const STACKS = ["production", "staging"];

const branch = (name: string, options: string) => `
  const provider = new cloudflare.Provider("depot", { apiToken: pulumi.secret(foreign.apiToken) });
  new cloudflare.R2Bucket("depot", { accountId: foreign.accountId, name: "${name}" },
    { parent: scope, provider, protect: true, retainOnDelete: true, ${options} });`;

/** The bucket has a third environment's name, which is another rule's business. */
const WAIVERS = `waivers: [{ rule: environment-in-name, urn: "*::depot", owner: test, reason: the race, expires: ${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)} }]\n`;

let estate: TestEstate;
let depot: Awaited<ReturnType<TestEstate["client"]>>;
let foreign: { accountId: string; apiToken: string };

beforeEach(async () => {
  estate = openTestEstate();
  const up = await estate.bulkhead("local", "up");
  expect(up.exitCode, up.output).toBe(0);
  for (const name of [...STACKS, "depot"]) await estate.openEnvironment(name);
  depot = await estate.client("depot");
  foreign = { accountId: depot.account_id, apiToken: depot.client.apiToken ?? "" };
});
afterEach(() => estate.close());

/** Two new stacks, and what becomes of them when both are deployed at once. */
async function race(project: string, code: string) {
  const twins = makeTwins(estate, { race: code }, project);
  twins.settings(WAIVERS);
  for (const stack of STACKS)
    expect(await twins.run(stack, "stack init --no-select")).toMatchObject({ exitCode: 0 });
  const run = (stack: string, command: string) =>
    twins.run(stack, command, { change: "race", foreign });
  const results = await Promise.all(
    STACKS.map(async (stack) => ({ stack, ...(await run(stack, "up --yes --skip-preview")) })),
  );
  return { run, results, all: results.map(({ output }) => output).join("\n") };
}

const otherThan = (stack: string) => STACKS.find((other) => other !== stack);

it("both adopt it: whichever is last fails and names both, and the bucket stays as it was", async () => {
  const { client, account_id } = depot;
  const object = { account_id, bucket_name: "depot-adopted" };
  await client.r2.buckets.create({ account_id, name: "depot-adopted" });
  await client.r2.buckets.objects.upload("kept.txt", "kept", object);

  const { results, all } = await race(
    "adopters",
    branch("depot-adopted", `import: foreign.accountId + "/depot-adopted"`),
  );

  const failed = results.filter(({ exitCode }) => exitCode !== 0);
  expect(failed.length, all).toBeGreaterThan(0);
  for (const { stack, output } of failed) {
    expect(output).toMatch(/\[mandatory\].*exclusive-ownership/);
    for (const name of ["depot-adopted", `adopters/${otherThan(stack)}`])
      expect(output).toContain(name);
  }
  const kept = await client.r2.buckets.objects.get("kept.txt", object).asResponse();
  expect(await kept.text()).toBe("kept");
});

it("both create it: one owns it, the other is refused, and again in its next preview by name", async () => {
  const { run, results, all } = await race("creators", branch("depot-created", ""));

  const [loser, ...others] = results.filter(({ output }) => /already exists/i.test(output));
  expect(others, all).toEqual([]);
  expect(loser?.exitCode, all).toBeGreaterThan(0);
  const stack = loser?.stack ?? "";
  const preview = await run(stack, "preview");
  expect(preview.exitCode, preview.output).not.toBe(0);
  expect(preview.output).toMatch(/\[mandatory\].*exclusive-ownership/);
  expect(preview.output).toContain(`creators/${otherThan(stack)}`);
});
