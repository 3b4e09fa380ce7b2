import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud, type TestCloud, type TestEnvironment } from "../support/local-cloud.ts";
import { type Wrangler, wranglerFor } from "../support/wrangler.ts";

let cloud: TestCloud;
let staging: TestEnvironment;
let wrangler: Wrangler;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
  wrangler = wranglerFor(cloud, staging);
});
afterAll(async () => {
  wrangler.remove();
  await cloud.close();
});

const write = (name: string, text: string) => writeFileSync(join(wrangler.folder, name), text);
const host = (script: string) => `${script}.${staging.workersSubdomain}.workers.dev`;

it("runs `wrangler d1`: create, execute a command and a file, export, info", async () => {
  expect(await wrangler.run(["d1", "create", "shop"])).toMatchObject({ exitCode: 0 });
  write("schema.sql", "CREATE TABLE a (x); INSERT INTO a VALUES (1), (2);");
  const filed = await wrangler.run([
    "d1",
    "execute",
    "shop",
    "--remote",
    "--file=schema.sql",
    "-y",
  ]);
  expect(filed).toMatchObject({ exitCode: 0, output: expect.stringContaining("Rows written") });
  const executed = await wrangler.run([
    ...["d1", "execute", "shop", "--remote", "--json"],
    "--command=SELECT count(*) AS n FROM a",
  ]);
  expect(JSON.parse(executed.output)).toMatchObject([{ success: true, results: [{ n: 2 }] }]);
  const exported = await wrangler.run(["d1", "export", "shop", "--remote", "--output=out.sql"]);
  expect(exported.exitCode).toBe(0);
  const info = await wrangler.run(["d1", "info", "shop"]);
  expect(info.output).toMatch(/num_tables\D+1/);
});

it("shows wrangler the vendor's errors", async () => {
  const unknown = await wrangler.run(["d1", "info", "nowhere"]);
  expect(unknown).toMatchObject({ exitCode: 1, output: expect.stringContaining("nowhere") });
  await wrangler.run(["d1", "create", "wrong"]);
  const wrong = await wrangler.run(["d1", "execute", "wrong", "--remote", "--command=SELEC"]);
  expect(wrong).toMatchObject({ exitCode: 1, output: expect.stringContaining("[code: 7500]") });
});

it("runs `wrangler d1 migrations apply` and then lists nothing to apply", async () => {
  const { uuid } = await staging.client.d1.database.create({
    account_id: staging.accountId,
    name: "migrated",
  });
  write("wrangler.toml", toml("migrating", `database_name = "migrated"\ndatabase_id = "${uuid}"`));
  expect(await wrangler.run(["d1", "migrations", "create", "DB", "init"])).toMatchObject({
    exitCode: 0,
  });
  write("migrations/0001_init.sql", "CREATE TABLE a (x);");
  const applied = await wrangler.run(["d1", "migrations", "apply", "DB", "--remote"]);
  expect(applied).toMatchObject({ exitCode: 0, output: expect.stringContaining("0001_init.sql") });
  const listed = await wrangler.run(["d1", "migrations", "list", "DB", "--remote"]);
  expect(listed.output).toContain("No migrations to apply");
});

it("runs `wrangler deploy` twice, with a secret that stays, and serves what was deployed", async () => {
  const { uuid } = await staging.client.d1.database.create({
    account_id: staging.accountId,
    name: "deployed",
  });
  write(
    "index.js",
    `export default { async fetch(_, env) {
       const { one } = await env.DB.prepare("SELECT 1 AS one").first();
       return new Response([one, env.MODE, env.KEY?.length].join(" "));
     } }`,
  );
  const database = `database_name = "deployed"\ndatabase_id = "${uuid}"`;
  write("wrangler.toml", toml("api", database, 'MODE = "first"'));
  expect(await wrangler.run(["deploy"])).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining(`https://${host("api")}`),
  });
  const secret = await wrangler.run(["secret", "put", "KEY"], "twelve-chars");
  expect(secret.exitCode).toBe(0);
  write("wrangler.toml", toml("api", database, 'MODE = "second"'));
  expect((await wrangler.run(["deploy"])).exitCode).toBe(0);
  expect((await cloud.visit(host("api"), "/")).body).toBe("1 second 12");
});

it("refuses wrangler the account of another environment", async () => {
  const production = cloud.environment("production");
  const mixed = wranglerFor(cloud, { ...staging, accountId: production.accountId });
  const refused = await mixed.run(["d1", "create", "theft"]);
  mixed.remove();
  expect(refused).toMatchObject({ exitCode: 1, output: expect.stringContaining("9109") });
});

const toml = (name: string, database: string, vars = "") => `
name = "${name}"
main = "index.js"
compatibility_date = "2025-06-01"
[vars]
${vars}
[[d1_databases]]
binding = "DB"
${database}
`;
