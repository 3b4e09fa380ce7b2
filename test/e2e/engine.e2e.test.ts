import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type CommandResult,
  openTestEstate,
  stateResources,
  type TestEstate,
  writeScratchProgram,
  writeScratchProject,
} from "../support/estate.ts";

/*
 * The components in small programs of their own, by plain `pulumi` in the shell that
 * `bulkhead local env` sets up. Each test has a project of its own.
 */

const PROJECT = "scratch";

let estate: TestEstate;
beforeAll(async () => {
  estate = openTestEstate();
  const up = await estate.bulkhead("local", "up");
  expect(up.exitCode, up.output).toBe(0);
});
afterAll(() => estate.close());

const program = (body: string, tier = "staging", stack = "staging") => `
  import * as pulumi from "@pulumi/pulumi";
  import { cloudflareCredentials, connectCloudflareAccount } from "@/components/cloudflare-account.ts";
  import { Bucket } from "@/components/bucket.ts";
  import { D1Database } from "@/components/d1-database.ts";
  import { KvNamespace } from "@/components/kv-namespace.ts";
  import { Scope } from "@/components/scope.ts";
  import { Secret } from "@/components/secret.ts";
  import { R2Bucket } from "@pulumi/cloudflare/r2bucket.js";
  void [Bucket, D1Database, KvNamespace, Secret, R2Bucket];
  const account = connectCloudflareAccount(
    cloudflareCredentials("${stack}", { accountId: undefined, apiToken: undefined }, process.env));
  const scope = new Scope("shop", { tier: "${tier}", account });
  ${body}
`;

let projects = 0;
async function newProject(body: string, stack = "staging", tier = "staging") {
  projects += 1;
  const name = `${PROJECT}${projects}`;
  const folder = join(estate.stateDir, name);
  writeScratchProject(folder, name, program(body, tier, stack));
  const pulumi = (...args: string[]): Promise<CommandResult> =>
    estate.shell(`pulumi ${args.join(" ")} --non-interactive`, { cwd: folder, stack });
  expect(await pulumi("stack", "init", stack)).toMatchObject({ exitCode: 0 });
  return {
    pulumi,
    change: (changed: string) => writeScratchProgram(folder, program(changed, tier, stack)),
    up: async () => {
      const up = await pulumi("up", "--yes", "--skip-preview");
      expect(up.exitCode, up.output).toBe(0);
      return up;
    },
    resources: () => stateResources(estate, stack, name),
  };
}

describe("a changed name", () => {
  it("is previewed as the replace that the vendor would need for a database and a bucket", async () => {
    const project = await newProject(
      'new D1Database("main", { scope }); new Bucket("files", { scope });',
    );
    await project.up();
    project.change(
      `new D1Database("main", { scope, databaseName: "renamed" });
       new Bucket("files", { scope, bucketName: "renamed" });`,
    );
    const preview = await project.pulumi("preview", "--diff");
    expect(preview.output).toMatch(/D1Database[\s\S]*name *: "shop-main-staging" => "renamed"/);
    expect(preview.output).toMatch(/R2Bucket[\s\S]*name *: "shop-files-staging" => "renamed"/);
    await project.up();
    const { client, account_id } = await estate.client("staging");
    const names = (await client.d1.database.list({ account_id })).result.map(({ name }) => name);
    expect(names).toContain("renamed");
    expect(names).not.toContain("shop-main-staging");
    await project.pulumi("destroy", "--yes");
  });

  it("is previewed as an update in place for a KV namespace, as the vendor can do it", async () => {
    const project = await newProject('new KvNamespace("cache", { scope });');
    await project.up();
    project.change('new KvNamespace("cache", { scope, title: "renamed" });');
    const preview = await project.pulumi("preview", "--diff");
    expect(preview.output).toContain("1 to update");
    await project.up();
    await project.pulumi("destroy", "--yes");
  });
});

describe("import", () => {
  it("takes over by `pulumi import` what exists at the vendor, and previews no change after", async () => {
    const { client, account_id } = await estate.client("staging");
    await client.r2.buckets.create({ account_id, name: "legacy" });
    const declaration = `new R2Bucket("legacy", { accountId: account.id, name: "legacy" }, { protect: true });`;
    const project = await newProject("");
    const imported = await project.pulumi(
      ...["import", "cloudflare:index/r2Bucket:R2Bucket", "legacy", `${account_id}/legacy/default`],
      ...["--yes", "--generate-code=false"],
    );
    expect(imported.exitCode, imported.output).toBe(0);
    project.change(declaration);
    const preview = await project.pulumi("preview", "--diff");
    expect(preview.output).not.toMatch(/r2Bucket/i);
  });

  it("adopts by the option `import`, handed to a component by a transform, and keeps the rows", async () => {
    const { client, account_id } = await estate.client("staging");
    const { uuid = "" } = await client.d1.database.create({ account_id, name: "by-hand" });
    await client.d1.database.query(uuid, {
      account_id,
      sql: "CREATE TABLE a (x); INSERT INTO a VALUES (1)",
    });
    const project = await newProject(`new D1Database("main", { scope, databaseName: "by-hand" }, {
      transforms: [({ type, props, opts }) => type === "cloudflare:index/d1Database:D1Database"
        ? { props, opts: { ...opts, import: "${account_id}/${uuid}", ignoreChanges: ["primaryLocationHint"] } } : undefined],
    });`);
    const up = await project.up();
    expect(up.output).toMatch(/1 imported/);
    const rows = await client.d1.database.query(uuid, { account_id, sql: "SELECT x FROM a" });
    expect(rows.result[0]?.results).toEqual([{ x: 1 }]);
    await project.pulumi("destroy", "--yes");
  });
});

describe("options", () => {
  it("keeps a component's resources when it is renamed with an alias", async () => {
    const project = await newProject('new KvNamespace("before", { scope, title: "kept" });');
    await project.up();
    project.change(
      `new KvNamespace("after", { scope, title: "kept" }, { aliases: [{ name: "shop-before" }] });`,
    );
    const preview = await project.pulumi("preview", "--diff");
    expect(preview.output).not.toMatch(/to (create|replace|delete)/);
    await project.pulumi("destroy", "--yes");
  });

  it("refuses a property that the resource does not have, naming it", async () => {
    const project = await newProject(
      `new pulumi.CustomResource("cloudflare:index/r2Bucket:R2Bucket", "odd",
         { accountId: account.id, name: "odd", colour: "red" }, { provider: account.cloudflare });`,
    );
    const preview = await project.pulumi("preview");
    expect(preview.exitCode).not.toBe(0);
    expect(preview.output).toMatch(/colour/);
    expect(project.resources().filter(({ type }) => type.includes("r2Bucket"))).toEqual([]);
  });

  it("works for any stack's name, with names of its own (pr-123)", async () => {
    await estate.openEnvironment("pr-123");
    const project = await newProject(
      'new D1Database("main", { scope }); export const tier = scope.tier;',
      "pr-123",
      "preview",
    );
    await project.up();
    const { client, account_id } = await estate.client("pr-123");
    const names = (await client.d1.database.list({ account_id })).result.map(({ name }) => name);
    expect(names).toEqual(["shop-main-pr-123"]);
    await project.pulumi("destroy", "--yes");
  });
});

describe("production", () => {
  it("is protected, and once unprotected leaves at the vendor what is retained, and nothing else", async () => {
    const project = await newProject(
      `new D1Database("main", { scope }); new Bucket("files", { scope });
       new R2Bucket("scratch", { accountId: account.id, name: "scratch" }, { provider: account.cloudflare });`,
      "production",
      "production",
    );
    await project.up();
    const refused = await project.pulumi("destroy", "--yes");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toContain("protected");

    await project.pulumi("state", "unprotect", "--all", "--yes");
    const destroyed = await project.pulumi("destroy", "--yes");
    expect(destroyed.exitCode, destroyed.output).toBe(0);
    expect(project.resources()).toEqual([]);
    const { client, account_id } = await estate.client("production");
    const databases = (await client.d1.database.list({ account_id })).result;
    expect(databases.map(({ name }) => name)).toEqual(["shop-main-production"]);
    const { buckets = [] } = await client.r2.buckets.list({ account_id });
    expect(buckets.map(({ name }) => name)).toEqual(["shop-files-production"]);
  });
});

describe("a secret", () => {
  it("rotates by its version: a new value, the old one kept until the grace period ends", async () => {
    const secret = (args: string) =>
      `const s = new Secret("key", { scope${args} });
       export const value = s.value; export const previous = s.previous?.value ?? null;`;
    const project = await newProject(secret(""));
    const values = async () =>
      JSON.parse((await project.pulumi("stack", "output", "--json", "--show-secrets")).stdout);
    await project.up();
    const first = await values();
    project.change(secret(`, version: 2, graceUntil: "2999-01-01"`));
    await project.up();
    const second = await values();
    expect(second.value).not.toBe(first.value);
    expect(second.previous).toBe(first.value);
    project.change(secret(`, version: 2, graceUntil: "2000-01-01"`));
    await project.up();
    expect(await values()).toEqual({ value: second.value, previous: null });
    expect(JSON.stringify(project.resources())).not.toContain(second.value);
    await project.pulumi("destroy", "--yes");
  });
});
