import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestCloud, type TestCloud, type TestEnvironment } from "../support/local-cloud.ts";
import { type LossyProxy, startLossyProxy } from "./lossy-proxy.ts";
import { openScratchProject, type ScratchProject } from "./scratch-project.ts";

let cloud: TestCloud;
let proxy: LossyProxy;
let environment: TestEnvironment;
let project: ScratchProject;
let account: { account_id: string };

beforeAll(async () => {
  cloud = await startTestCloud();
  proxy = await startLossyProxy(cloud.apiUrl);
  environment = cloud.environment("dev");
  account = { account_id: environment.accountId };
  project = await openScratchProject({
    CLOUDFLARE_BASE_URL: `${proxy.url}/client/v4`,
    CLOUDFLARE_API_TOKEN: environment.apiToken,
    ACCOUNT: environment.accountId,
  });
  mkdirSync(join(project.folder, "migrations"));
});
afterAll(async () => {
  project?.close();
  await proxy?.close();
  await cloud?.close();
});

const HEAD = `
import { D1Database } from "@pulumi/cloudflare/d1database.js";
import { R2Bucket } from "@pulumi/cloudflare/r2bucket.js";
import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import { WorkersScript } from "@pulumi/cloudflare/workersScript.js";
import { WorkersScriptSubdomain } from "@pulumi/cloudflare/workersScriptSubdomain.js";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
const accountId = process.env.ACCOUNT ?? "";
`;

/** Writes migrations and gives the `files` argument for them. */
function migrations(files: Record<string, string>): string {
  for (const [name, sql] of Object.entries(files))
    writeFileSync(join(project.folder, "migrations", name), sql);
  const hash = (sql: string) => createHash("sha256").update(sql).digest("hex");
  return JSON.stringify(Object.entries(files).map(([name, sql]) => ({ name, sha256: hash(sql) })));
}

const USERS = { "0001_users.sql": "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);" };

/** A database with its schema, a secret, and a Worker with both. */
const stack = (changes: { database?: string; title?: string; files?: string } = {}) => `${HEAD}
const db = new D1Database("db", { accountId, name: "${changes.database ?? "orders"}", primaryLocationHint: "enam" });
const schema = new bulkhead.D1Migrations("schema", { accountId, databaseId: db.id, directory: "migrations", files: ${changes.files ?? migrations(USERS)} });
const bucket = new R2Bucket("files", { accountId, name: "files", location: "enam" });
new WorkersKvNamespace("cache", { accountId, title: "${changes.title ?? "cache"}" });
const secret = new RandomPassword("secret", { length: 64, special: false });
const script = new WorkersScript("api", {
  accountId, scriptName: "api", mainModule: "index.js", compatibilityDate: "2025-06-01",
  content: "export default { async fetch(_, env) { const { n } = await env.DB.prepare('SELECT count(*) n FROM users').first(); return new Response(env.JWT_SECRET.length + ' ' + n); } }",
  bindings: [
    { type: "d1", name: "DB", id: db.id },
    { type: "r2_bucket", name: "FILES", bucketName: bucket.name },
    { type: "secret_text", name: "JWT_SECRET", text: secret.result },
  ],
}, { dependsOn: schema });
new WorkersScriptSubdomain("public", { accountId, scriptName: script.scriptName, enabled: true });
const { subdomain } = bulkhead.getWorkersSubdomain({ accountId });
export const host = pulumi.interpolate\`\${script.scriptName}.\${subdomain}.workers.dev\`;
export const databaseId = db.id;
export const password = secret.result;
`;

test("a stack comes up, works, and a following preview and refresh change nothing", async () => {
  project.program(stack());
  const preview = await project.pulumi("preview");
  expect(preview.output).toContain("+ 8 to create");
  const up = await project.pulumi("up", "--yes", "--skip-preview");
  expect(up).toMatchObject({ exitCode: 0 });
  const { host } = await project.outputs();
  expect((await cloud.visit(String(host), "/")).body).toBe("64 0");
  expect(await project.pulumi("preview", "--expect-no-changes")).toMatchObject({ exitCode: 0 });
  const refresh = await project.pulumi("refresh", "--yes", "--expect-no-changes");
  expect(refresh).toMatchObject({ exitCode: 0 });
});

test("no generated secret and no token is in plaintext in the state or in any output", async () => {
  const shown = await project.pulumi("stack", "output", "password", "--show-secrets");
  const secret = shown.output.trim();
  expect(secret).toHaveLength(64);
  const stacks = join(project.folder, "backend", ".pulumi", "stacks", "scratch");
  for (const file of readdirSync(stacks)) {
    const state = readFileSync(join(stacks, file), "utf8");
    expect(state).not.toContain(secret);
    expect(state).not.toContain(environment.apiToken);
  }
});

test("a new database name is a replace, a new KV title an update", async () => {
  project.program(stack({ database: "renamed", title: "renamed" }));
  const { output } = await project.pulumi("preview", "--diff");
  expect(output).toMatch(/\+-\s*cloudflare:index\/d1Database:D1Database: \(replace\)/);
  expect(output).toMatch(/~ cloudflare:index\/workersKvNamespace:WorkersKvNamespace: \(update\)/);
});

test("refresh sees what was changed or deleted behind Pulumi's back, and up repairs it", async () => {
  project.program(stack());
  const namespaces = await environment.client.kv.namespaces.list(account);
  for (const { id } of namespaces.result)
    await environment.client.kv.namespaces.delete(id, account);
  const metadata = { main_module: "index.js", bindings: [] };
  const form = new FormData();
  form.set("metadata", JSON.stringify(metadata));
  const evil = new File(
    ["export default { fetch() { return new Response('evil') } }"],
    "index.js",
    {
      type: "application/javascript+module",
    },
  );
  form.set("index.js", evil);
  const path = `/accounts/${environment.accountId}/workers/scripts/api`;
  await environment.client.put(path, { body: form });
  const { output } = await project.pulumi("refresh", "--yes", "--diff");
  expect(output).toMatch(/- cloudflare:index\/workersKvNamespace:WorkersKvNamespace: \(delete\)/);
  expect(output).toMatch(/~ cloudflare:index\/workersScript:WorkersScript: \(update\)/);
  expect(output).toContain("evil");
  expect(await project.pulumi("up", "--yes", "--skip-preview")).toMatchObject({ exitCode: 0 });
  const { host } = await project.outputs();
  expect((await cloud.visit(String(host), "/")).body).toBe("64 0");
});

test("a migration that fails stops, is not recorded, and is named (T24)", async () => {
  const files = {
    ...USERS,
    "0002_bad.sql": "CREATE TABLE a (x);\nINSERT INTO nowhere VALUES (1);",
  };
  project.program(stack({ files: migrations(files) }));
  const { exitCode, output } = await project.pulumi("up", "--yes", "--skip-preview");
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(
    /The migration 0002_bad\.sql failed on the D1 database .*no such table: nowhere/,
  );
  const { databaseId } = await project.outputs();
  const sql =
    "SELECT name FROM d1_migrations UNION ALL SELECT name FROM sqlite_master WHERE name = 'a'";
  const rows = await environment.client.d1.database.query(String(databaseId), { ...account, sql });
  expect(rows.result[0]?.results).toEqual([{ name: "0001_users.sql" }]);
});

test("a migration that was changed after it had been applied is refused", async () => {
  const changed = { "0001_users.sql": "CREATE TABLE users (id INTEGER PRIMARY KEY);" };
  project.program(stack({ files: migrations(changed) }));
  const { output } = await project.pulumi("preview");
  expect(output).toContain("0001_users.sql was changed after it had been applied");
});

test("a migration edited after a later one of a set that never came up had failed is refused (T23)", async () => {
  const first = { "0001_a.sql": "CREATE TABLE first (x);" };
  const bad = { ...first, "0002_b.sql": "SELECT * FROM nowhere;" };
  const program = (files: string) => `${stack()}
const other = new D1Database("other", { accountId, name: "partial" });
new bulkhead.D1Migrations("other-schema", { accountId, databaseId: other.id, directory: "migrations", files: ${files} });
export const otherId = other.id;`;
  project.program(program(migrations(bad)));
  expect((await project.pulumi("up", "--yes", "--skip-preview")).exitCode).not.toBe(0);

  const edited = { "0001_a.sql": "CREATE TABLE changed (x);", "0002_b.sql": "SELECT 1;" };
  project.program(program(migrations(edited)));
  const refused = await project.pulumi("up", "--yes", "--skip-preview");
  expect(refused.exitCode).not.toBe(0);
  expect(refused.output).toContain("0001_a.sql was changed after it had been applied");

  const fixed = { ...first, "0002_b.sql": "CREATE TABLE second (x);" };
  project.program(program(migrations(fixed)));
  expect(await project.pulumi("up", "--yes", "--skip-preview")).toMatchObject({ exitCode: 0 });
  const { otherId } = await project.outputs();
  const rows = await environment.client.d1.database.query(String(otherId), {
    ...account,
    sql: "SELECT name, length(sha256) AS digits FROM d1_migrations JOIN bulkhead_migration_checksums USING (name)",
  });
  expect(rows.result[0]?.results).toEqual([
    { name: "0001_a.sql", digits: 64 },
    { name: "0002_b.sql", digits: 64 },
  ]);
});

test("an unknown property is refused by name", async () => {
  project.program(
    `${HEAD}new pulumi.CustomResource("cloudflare:index/r2Bucket:R2Bucket", "b", { accountId, name: "b", colour: "red" }, { version: "${version()}" } as pulumi.CustomResourceOptions);`,
  );
  const { exitCode, output } = await project.pulumi("preview", "--target", "**r2Bucket**");
  expect(exitCode).not.toBe(0);
  expect(output).toContain(
    '"colour" is not a property that cloudflare:index/r2Bucket:R2Bucket supports',
  );
});

test("destroy leaves nothing", async () => {
  expect(await project.pulumi("destroy", "--yes")).toMatchObject({ exitCode: 0 });
  expect((await environment.client.d1.database.list(account)).result).toEqual([]);
  expect((await environment.client.r2.buckets.list(account)).buckets).toEqual([]);
});

test("a creation whose answer was lost is adopted, in the same run and in the next one", async () => {
  project.program(`${HEAD}new D1Database("db", { accountId, name: "lost" });`);
  proxy.loseAnswerTo("POST", "/d1/database");
  expect(await project.pulumi("up", "--yes", "--skip-preview")).toMatchObject({ exitCode: 0 });
  project.program(`${HEAD}new D1Database("db", { accountId, name: "lost" });
new D1Database("db2", { accountId, name: "lost2" });`);
  proxy.vanish = true;
  proxy.loseAnswerTo("POST", "/d1/database");
  const cut = await project.pulumi("up", "--yes", "--skip-preview");
  expect(cut.exitCode).not.toBe(0);
  expect(cut.output).toMatch(/127\.0\.0\.1:\d+\/client\/v4 does not answer.*npx bulkhead local up/);
  proxy.reachable = true;
  expect(await project.pulumi("up", "--yes", "--skip-preview")).toMatchObject({ exitCode: 0 });
  const names = (await environment.client.d1.database.list(account)).result.map(
    (each) => each.name,
  );
  expect(names.sort()).toEqual(["lost", "lost2"]);
});

test("what somebody else created is not adopted but can be imported, and is then clean", async () => {
  const made = await environment.client.r2.buckets.create({ ...account, name: "foreign" });
  const program = `${HEAD}
new D1Database("db", { accountId, name: "lost" });
new D1Database("db2", { accountId, name: "lost2" });
new R2Bucket("theirs", { accountId, name: "foreign" });`;
  project.program(program);
  const refused = await project.pulumi("up", "--yes", "--skip-preview");
  expect(refused.exitCode).not.toBe(0);
  const importId = `${environment.accountId}/${made.name}/default`;
  expect(refused.output).toContain(
    `pulumi import cloudflare:index/r2Bucket:R2Bucket theirs '${importId}'`,
  );
  const type = "cloudflare:index/r2Bucket:R2Bucket";
  const flags = ["--yes", "--protect=false", "--generate-code=false"];
  const imported = await project.pulumi("import", type, "theirs", importId, ...flags);
  expect(imported).toMatchObject({ exitCode: 0 });
  expect(await project.pulumi("preview", "--expect-no-changes")).toMatchObject({ exitCode: 0 });
});

/** Version of the installed package, by which the engine finds the plugin. */
function version(): string {
  const file = new URL("../../node_modules/@pulumi/cloudflare/package.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}
