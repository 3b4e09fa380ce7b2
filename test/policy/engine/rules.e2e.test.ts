import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openTestEstate,
  stateResources,
  type TestEstate,
  writeScratchProject,
} from "../../support/estate.ts";
import { makeTwins, type Twins } from "./twins.ts";

/*
 * Each rule once through Pulumi's own engine and the local cloud: production and staging are
 * deployed, then one of them is previewed with a program that shares or leaks something.
 */

/** What the two stacks export. */
interface TwinOutputs {
  readonly signingKey: string;
  readonly databaseId: string;
  readonly namespaceId: string;
  readonly bucketName: string;
}

const rds = (more: string) =>
  `new (class extends pulumi.CustomResource {})("aws:rds/instance:Instance", "orders", {
     identifier: "orders-" + stack, engine: "postgres", publiclyAccessible: false, storageEncrypted: true,
     deletionProtection: true, skipFinalSnapshot: false, multiAz: true, backupRetentionPeriod: 14, ${more} },
     { ...child, provider: undefined, protect: true, retainOnDelete: true });`;

/** Variants of the program by the rule that has to catch them, and the stack that runs them. */
const MUTATIONS: readonly (readonly [rule: string, stack: string, name: string, code: string])[] = [
  [
    "exclusive-ownership",
    "staging",
    "production's bucket",
    `new cloudflare.R2Bucket("twin", { accountId: foreign.accountId, name: foreign.bucketName }, child);`,
  ],
  [
    "no-foreign-reference",
    "staging",
    "production's database bound",
    `bindings.DB = bound({ type: "d1", databaseId: foreign.databaseId });`,
  ],
  [
    "no-foreign-reference",
    "staging",
    "production's namespace read",
    `const provider = new cloudflare.Provider("other", { apiToken: pulumi.secret(foreign.apiToken) });
     cloudflare.WorkersKvNamespace.get("twin", foreign.namespaceId, { accountId: foreign.accountId }, { parent: scope, provider });`,
  ],
  [
    "no-foreign-reference",
    "staging",
    "a reference to production's outputs",
    `new pulumi.StackReference("organization/twins/production");`,
  ],
  [
    "no-shared-dependency",
    "staging",
    "the server that production uses",
    `bindings.JOBS_URL = "amqps://JOBS.example.com./other";`,
  ],
  ["separate-accounts", "staging", "account", ""],
  ["separate-credentials", "staging", "token", ""],
  [
    "no-shared-secret",
    "staging",
    "production's key in base64 under another name",
    `bindings.SESSION_SALT = secretText(Buffer.from(foreign.signingKey).toString("base64"));`,
  ],
  [
    "no-plaintext-secret",
    "staging",
    "the key in a plain variable",
    `bindings.NOTE = bound({ type: "plain_text", text: pulumi.unsecret(key.value) });`,
  ],
  ["strong-secret", "staging", "short-key", ""],
  [
    "generated-secret",
    "staging",
    "a typed signing key",
    `bindings.JWT_SECRET = secretText("Xq3!fT9zLw7#Rb2@Vm5$Kd8%Hn1^Jc4&Gs6*Py0(Ue_Oi-Ax+Zt=Qf~Wg;Ek:Bl,Nr");`,
  ],
  [
    "environment-in-name",
    "staging",
    "a name of production",
    `new KvNamespace("views", { scope, title: "shop-views-production" });`,
  ],
  [
    "environment-parity",
    "production",
    "a binding that staging lacks",
    `bindings.GREETING = "hello";`,
  ],
  ["production-protected", "production", "unprotected", ""],
  ["production-backups", "production", "no backups", rds("backupRetentionPeriod: 0")],
  ["no-public-database", "production", "a public database", rds("publiclyAccessible: true")],
  ["encrypted-at-rest", "production", "a disk in clear", rds("storageEncrypted: false")],
  [
    "tls-required",
    "staging",
    "a connection in clear",
    `bindings.DATABASE_URL = secretText("postgres://shop:dGhpcyBpcyBub3QgaXQ@orders-staging.example.com/shop?sslmode=disable");`,
  ],
  [
    "private-bucket",
    "staging",
    "a published bucket",
    `new cloudflare.R2ManagedDomain("public", { accountId, bucketName: files.bucketName, enabled: true }, child);`,
  ],
  [
    "versioned-bucket",
    "production",
    "a bucket without versions",
    `new (class extends pulumi.CustomResource {})("aws:s3/bucket:Bucket", "exports", { bucket: "shop-exports" }, { parent: scope, protect: true, retainOnDelete: true });`,
  ],
  ["complete-manifest", "staging", "no-manifest", ""],
  ["complete-manifest", "staging", "forged-manifest", ""],
];

let estate: TestEstate;
let twins: Twins;
let production: TwinOutputs & { readonly accountId: string; readonly apiToken: string };
let staging: TwinOutputs;
/** What the first preview of production printed, before anything was deployed. */
let firstPreview: string;

beforeAll(async () => {
  estate = openTestEstate();
  const up = await estate.bulkhead("local", "up");
  expect(up.exitCode, up.output).toBe(0);
  const branches = {
    ...Object.fromEntries(MUTATIONS.map(([, , name, code]) => [name, code])),
    "another namespace": `new KvNamespace("views", { scope });`,
    "a reference to its own environment": `new pulumi.StackReference("organization/base/staging");`,
  };
  twins = makeTwins(estate, branches);
  for (const stack of ["production", "staging"]) {
    await estate.openEnvironment(stack);
    expect(await twins.run(stack, "stack init --no-select")).toMatchObject({ exitCode: 0 });
    if (stack === "production") firstPreview = (await twins.run(stack, "preview")).output;
    const deployed = await twins.run(stack, "up --yes --skip-preview");
    expect(deployed.exitCode, deployed.output).toBe(0);
  }
  const { client, account_id } = await estate.client("production");
  production = {
    ...(await outputsOf("production")),
    accountId: account_id,
    apiToken: client.apiToken ?? "",
  };
  staging = await outputsOf("staging");
});
afterAll(() => estate.close());

async function outputsOf(stack: string): Promise<TwinOutputs> {
  const shown = await twins.run(stack, "stack output --json --show-secrets");
  return JSON.parse(shown.stdout) as TwinOutputs;
}

describe("in a preview by Pulumi's engine", () => {
  it("two stacks that share nothing pass, and are said to have been compared", async () => {
    const preview = await twins.run("staging", "preview");
    expect(preview.exitCode, preview.output).toBe(0);
    expect(preview.output).toContain("compared with twins/production");
    expect(preview.output).toContain("bulkhead-isolation");
  });

  it.each(MUTATIONS)("%s catches in %s: %s", async (rule, stack, change) => {
    const preview = await twins.run(stack, "preview", { change, foreign: { ...production } });
    expect(preview.exitCode, preview.output).not.toBe(0);
    expect(preview.output).toMatch(new RegExp(`\\[mandatory\\].*${rule}`));
    for (const key of [production.signingKey, staging.signingKey, production.apiToken])
      expect(preview.output).not.toContain(key);
  });

  it("the first deployment of a stack is said to be that, and what is not known yet is listed", () => {
    expect(firstPreview).toContain("This is its first deployment.");
    expect(firstPreview).toMatch(/Not known before `pulumi up`.*no-foreign-reference/);
  });

  it("a waiver lets what it names pass, and is shown with owner, reason and expiry", async () => {
    twins.settings(waiver(tomorrow()));
    const change = "a reference to production's outputs";
    const preview = await twins.run("staging", "preview", { change });
    twins.settings("");
    expect(preview.exitCode, preview.output).toBe(0);
    for (const part of [tomorrow(), "ops", "the migration", "twins/production"])
      expect(preview.output).toContain(part);
  });

  it("a level that was lowered in the settings warns, and stops nothing", async () => {
    twins.settings(
      `levels: [{ rule: environment-in-name, level: advisory, owner: ops, reason: renaming, expires: ${tomorrow()} }]\n`,
    );
    const preview = await twins.run("staging", "preview", { change: "a name of production" });
    twins.settings("");
    expect(preview.exitCode, preview.output).toBe(0);
    expect(preview.output).toMatch(/\[advisory\].*environment-in-name/);
  });

  it("valid-waivers catches a waiver that has expired", async () => {
    twins.settings(waiver("2020-01-31"));
    const preview = await twins.run("staging", "preview");
    twins.settings("");
    expect(preview.exitCode, preview.output).not.toBe(0);
    expect(preview.output).toMatch(/\[mandatory\].*valid-waivers/);
  });
});

describe("in an update by Pulumi's engine", () => {
  it("what breaks a rule by itself is stopped before it is created", async () => {
    const change = "a published bucket";
    const up = await twins.run("staging", "up --yes --skip-preview", { change });
    expect(up.exitCode, up.output).not.toBe(0);
    expect(up.output).toMatch(/\[mandatory\].*private-bucket/);
    const names = stateResources(estate, "staging", "twins").map(({ urn }) =>
      urn.split("::").at(-1),
    );
    expect(names).not.toContain("public");
  });

  it("a sibling that cannot be read stops it before anything is created", async () => {
    const file = join(
      ...[estate.stateDir, "pulumi", "backend", ".pulumi", "stacks", "twins", "production.json"],
    );
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.slice(0, whole.length / 2));
    const change = "another namespace";
    const up = await twins.run("staging", "up --yes --skip-preview", { change });
    writeFileSync(file, whole);
    expect(up.exitCode, up.output).not.toBe(0);
    expect(up.output).toMatch(/\[mandatory\].*readable-siblings/);
    expect(up.output).toContain("twins/production");
    const { client, account_id } = await estate.client("staging");
    const titles = (await client.kv.namespaces.list({ account_id })).result.map(
      ({ title }) => title,
    );
    expect(titles).toEqual(["shop-cache-staging"]);
  });
});

describe("after an update that failed half-way", () => {
  it("the secret that it had set by then is not taken for the one in the manifest", async () => {
    const configure = (stack: string, value: string) =>
      twins.run(stack, `config set --secret shop:partner ${value}`);
    await configure("staging", "pk-6f1d0c1e9b7a48d2b3f5-first");
    const first = await twins.run("staging", "up --yes --skip-preview");
    expect(first.exitCode, first.output).toBe(0);
    const second = "pk-93ab5d7740fe4c61a2c8-second";
    await configure("staging", second);
    const change = "fails after the Worker";
    const failed = await twins.run("staging", "up --yes --skip-preview", { change });
    expect(failed.output).toMatch(/workersScript|WorkersScript shop-api updated/);
    expect(failed.exitCode, failed.output).not.toBe(0);

    await configure("production", second);
    const early = await twins.run("production", "preview");
    expect(early.exitCode, early.output).not.toBe(0);
    expect(early.output).toMatch(/\[mandatory\].*readable-siblings/);
    expect(early.output).toContain("twins/staging");

    const mended = await twins.run("staging", "up --yes --skip-preview");
    expect(mended.exitCode, mended.output).toBe(0);
    const late = await twins.run("production", "preview");
    expect(late.exitCode, late.output).not.toBe(0);
    expect(late.output).toMatch(/\[mandatory\].*no-shared-secret/);
    await twins.run("production", "config rm shop:partner");
  });
});

it("a reference to the same environment of another project is allowed, secret outputs included", async () => {
  const folder = join(estate.stateDir, "base");
  writeScratchProject(
    folder,
    "base",
    `import * as pulumi from "@pulumi/pulumi";
     export const password = pulumi.secret("9c1f7be2d04a46c58e31");`,
  );
  const base = await estate.shell("pulumi stack init staging && pulumi up --yes --skip-preview", {
    cwd: folder,
  });
  expect(base.exitCode, base.output).toBe(0);
  const change = "a reference to its own environment";
  const up = await twins.run("staging", "up --yes --skip-preview", { change });
  expect(up.exitCode, up.output).toBe(0);
  const other = await twins.run("production", "preview");
  expect(other.exitCode, other.output).toBe(0);
});

it("nothing of a secret is in a manifest, in any encoding", async () => {
  const { stdout } = await twins.run("staging", "stack output isolation --json");
  const { resources } = JSON.parse(stdout) as { resources: Record<string, unknown> };
  expect(Object.keys(resources).length).toBeGreaterThan(8);
  const key = Buffer.from(staging.signingKey);
  for (const encoding of ["utf8", "base64", "base64url", "hex"] as const)
    for (const text of [key, key.subarray(0, 12), key.subarray(-12)])
      expect(stdout.toLowerCase()).not.toContain(text.toString(encoding).toLowerCase());
});

const tomorrow = (): string => new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);

/** An exception for references to other stacks. */
const waiver = (expires: string): string =>
  `waivers: [{ rule: no-foreign-reference, urn: "*StackReference*", owner: ops, reason: the migration, expires: ${expires} }]\n`;
