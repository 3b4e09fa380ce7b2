import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PostgresSpec } from "../../local/engines/engines.ts";
import { APP, startPostgres, useEngines } from "../local/engines/support.ts";
import { startTestCloud, type TestCloud, type TestEnvironment } from "../support/local-cloud.ts";
import { openScratchProject, type ScratchProject } from "./scratch-project.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const engines = useEngines();
let server: PostgresSpec;
let cloud: TestCloud;
let environment: TestEnvironment;
let account: { account_id: string };
let project: ScratchProject;

beforeAll(async () => {
  server = await startPostgres(engines, "origin");
  cloud = await startTestCloud();
  environment = cloud.environment("dev");
  account = { account_id: environment.accountId };
  project = await openScratchProject({
    CLOUDFLARE_BASE_URL: `${cloud.apiUrl}/client/v4`,
    CLOUDFLARE_API_TOKEN: environment.apiToken,
    ACCOUNT: environment.accountId,
    ORIGIN: JSON.stringify({ ...server.endpoint, database: "shop", user: APP.name }),
  });
});
afterAll(async () => {
  project?.close();
  await cloud?.close();
});

/** A Worker with a database behind the component. */
const stack = (password = APP.password, authority = engines.authority.certificate) => `
import { connectCloudflareAccount } from "${ROOT}components/cloudflare-account.ts";
import { Hyperdrive } from "${ROOT}components/hyperdrive.ts";
import { Scope } from "${ROOT}components/scope.ts";
import { Worker } from "${ROOT}components/worker.ts";
const account = connectCloudflareAccount({
  accountId: process.env.ACCOUNT ?? "",
  apiToken: process.env.CLOUDFLARE_API_TOKEN ?? "",
});
const scope = new Scope("shop", { tier: "preview", account });
const origin = {
  ...JSON.parse(process.env.ORIGIN ?? "{}"),
  password: ${JSON.stringify(password)},
  caCertificate: ${JSON.stringify(authority)},
};
const database = new Hyperdrive("db", { scope, origin, connectionLimit: 10 });
const api = new Worker("api", {
  scope,
  entry: new URL("file://${ROOT}test/local/runtime/postgres-worker.ts"),
  compatibilityFlags: ["nodejs_compat"],
  bindings: { DB: database },
});
export const configId = database.configId;
export const host = api.url.apply((url) => new URL(url ?? "").hostname);
export const bindings = api.state.apply((state) => state.bindings);
`;

const up = () => project.pulumi("up", "--yes", "--skip-preview");

async function note(text: string): Promise<{ notes: string[] }> {
  const { host } = await project.outputs();
  const { status, body } = await cloud.visit(String(host), "/", { method: "POST", body: text });
  expect([status, body]).toEqual([200, expect.stringContaining(text)]);
  return JSON.parse(body);
}

test("a Worker behind the component works, and a following preview and refresh change nothing", async () => {
  project.program(stack());
  expect(await up()).toMatchObject({ exitCode: 0 });
  const outputs = await project.outputs();
  expect(outputs.bindings).toMatchObject({
    DB: { type: "hyperdrive", configId: outputs.configId },
  });
  await note("first");
  const config = await environment.client.hyperdrive.configs.get(String(outputs.configId), account);
  expect(config).toMatchObject({
    name: "shop-db-test",
    caching: { disabled: true },
    mtls: { sslmode: "verify-full", ca_certificate_id: expect.any(String) },
    origin_connection_limit: 10,
  });
  expect(await project.pulumi("preview", "--expect-no-changes")).toMatchObject({ exitCode: 0 });
  const refresh = await project.pulumi("refresh", "--yes", "--expect-no-changes");
  expect(refresh).toMatchObject({ exitCode: 0 });
});

test("the password is in plaintext neither in the state nor in what Pulumi shows", async () => {
  const shown = await project.pulumi("stack", "--show-ids");
  const state = readFileSync(
    join(project.folder, "backend", ".pulumi", "stacks", "scratch", "test.json"),
    "utf8",
  );
  expect(state).toContain("shop-db-test");
  for (const text of [shown.output, state]) expect(text).not.toContain(APP.password);
});

test("a password that the database does not take is refused, and the Worker goes on", async () => {
  project.program(stack("not-the-password"));
  const refused = await up();
  expect(refused.exitCode).not.toBe(0);
  expect(refused.output).toContain("Invalid database credentials");
  expect(refused.output).not.toContain("not-the-password");
  await note("still there");
});

test("a new password, and what was changed behind Pulumi's back, are updates in place", async () => {
  const { configId } = await project.outputs();
  const password = "another-password-for-tests";
  await engines.engines.postgres.as(server, "postgres", (client) =>
    client.query(`ALTER ROLE app PASSWORD '${password}'`),
  );
  project.program(stack(password));
  expect(await up()).toMatchObject({ exitCode: 0 });
  await environment.client.hyperdrive.configs.edit(String(configId), {
    ...account,
    caching: { disabled: false },
  });
  expect((await project.pulumi("refresh", "--yes")).output).toContain("~ 1 updated");
  expect(await up()).toMatchObject({ exitCode: 0 });
  const config = await environment.client.hyperdrive.configs.get(String(configId), account);
  expect(config.caching).toEqual({ disabled: true });
  await note("new password");
  await engines.engines.postgres.as(server, "postgres", (client) =>
    client.query(`ALTER ROLE app PASSWORD '${APP.password}'`),
  );
});

test("a new authority of the database is uploaded before the old one is deleted", async () => {
  const authority = await engines.engines.authority("Next authority");
  await engines.engines.postgres.ensure({ ...server, authority });
  project.program(stack(APP.password, authority.certificate));
  expect(await up()).toMatchObject({ exitCode: 0 });
  await note("new authority");
  const { result } = await environment.client.mtlsCertificates.list(account);
  expect(result.map(({ certificates }) => certificates)).toEqual([authority.certificate]);
});

test("destroy leaves nothing", async () => {
  expect(await project.pulumi("destroy", "--yes")).toMatchObject({ exitCode: 0 });
  expect((await environment.client.hyperdrive.configs.list(account)).result).toEqual([]);
  expect((await environment.client.mtlsCertificates.list(account)).result).toEqual([]);
});
