import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StackOutputs } from "../../components/system-outputs.ts";
import { openTestEstate, stateResources, type TestEstate } from "../support/estate.ts";
import { filesContaining } from "../support/files.ts";

/*
 * Two environments of the real program, brought up by the real engine. The tests follow each other:
 * each leaves the estate as it found it, but for the last, which takes it down.
 */

let estate: TestEstate;
/** What each stack exports; no test changes it. */
let outputs: Readonly<Record<string, StackOutputs>>;

beforeAll(async () => {
  estate = openTestEstate();
  for (const stack of ["staging", "production"]) {
    const up = await estate.bulkhead("up", stack, "--yes");
    expect(up, up.output).toMatchObject({ exitCode: 0 });
  }
  outputs = {
    staging: await estate.outputs("staging"),
    production: await estate.outputs("production"),
  };
});
afterAll(() => estate.close());

const json = (body: unknown) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

function systemOf(stack: string, name: string) {
  const system = outputs[stack]?.systems[name];
  if (system === undefined) throw new Error(`${stack} has no ${name}.`);
  return system;
}
const apiOf = (stack: string, system: string) =>
  Object.values(systemOf(stack, system).urls)[0] ?? "";

/** What an operation would do or did, by Pulumi's own count. */
async function changesOf(...args: string[]): Promise<Record<string, number>> {
  const { stdout, output, exitCode } = await estate.bulkhead(...args, "--json");
  expect(exitCode, output).toBe(0);
  return JSON.parse(stdout).changes;
}

describe("what exists", () => {
  it("has separate databases, Workers and accounts with the documents' names (Q1, Q3, C1)", () => {
    const { staging, production } = outputs;
    expect(staging?.cloudflareAccountId).not.toBe(production?.cloudflareAccountId);
    expect(staging?.systems.qhub?.databases).toMatchObject({ main: { name: "qhub-staging" } });
    expect(production?.systems.qhub?.databases).toMatchObject({
      main: { name: "qhub-production" },
    });
    expect(staging?.systems.cutty?.databases).toMatchObject({ main: { name: "cutty-staging" } });
    expect(production?.systems.cutty?.databases).toMatchObject({ main: { name: "cutty-prod" } });
    expect(apiOf("staging", "qhub")).toMatch(/^https:\/\/qhub-api-staging\./);
    expect(apiOf("production", "qhub")).toMatch(/^https:\/\/qhub-api-production\./);
  });

  it("knows of each secret that it is set and how long, and never the value (Q9)", () => {
    for (const stack of ["staging", "production"]) {
      const { secrets } = systemOf(stack, "qhub");
      expect(Object.values(secrets)).toEqual([
        expect.objectContaining({ set: true, length: 64, version: 1 }),
      ]);
    }
  });

  it("answers /health with its environment (Q12)", async () => {
    for (const stack of ["staging", "production"]) {
      for (const system of ["qhub", "cutty"]) {
        const { status, body } = await estate.visit(`${apiOf(stack, system)}/health`);
        expect({ status, ...JSON.parse(body) }).toMatchObject({
          status: "healthy",
          environment: stack,
        });
      }
    }
  });

  it("has applied the schema in order, so that wrangler finds nothing to apply (Q5, C2)", async () => {
    const folder = join(estate.stateDir, "wrangler");
    mkdirSync(folder);
    for (const [system, name] of [
      ["qhub", "qhub-staging"],
      ["cutty", "cutty-staging"],
    ] as const) {
      const toml = await estate.bulkhead("wrangler", system);
      expect(toml.exitCode, toml.output).toBe(0);
      writeFileSync(join(folder, "wrangler.toml"), toml.stdout);
      const root = process.cwd();
      const list = await estate.shell(
        `ln -sfn '${root}/systems' systems && ` +
          `wrangler d1 migrations list ${name} --env staging --remote`,
        { cwd: folder, stack: "staging" },
      );
      expect(list.output).toContain("No migrations to apply");
    }
    const { client, account_id } = await estate.client("staging");
    const id = systemOf("staging", "cutty").databases.main?.id ?? "";
    const page = await client.d1.database.query(id, {
      account_id,
      sql: "SELECT name FROM d1_migrations ORDER BY id",
    });
    expect(page.result[0]?.results?.map((row) => (row as { name: string }).name)).toEqual([
      "0001_initial_schema.sql",
      "0002_phase5_r2_enhancements.sql",
      "0003_storage_metrics.sql",
      "0003_access_control_schema.sql",
      "0004_alerting_system.sql",
    ]);
  });
});

describe("isolation", () => {
  it("lets a user of one environment log in there and refuses it in the other, both ways (Q10, Q11)", async () => {
    const users = { staging: "a", production: "b" } as const;
    for (const [home, name] of Object.entries(users)) {
      const user = {
        email: `${name}@example.com`,
        password: "Test123!pass",
        username: `user-${name}`,
      };
      const foreign = home === "staging" ? "production" : "staging";
      const [at, from] = [apiOf(home, "qhub"), apiOf(foreign, "qhub")];
      expect((await estate.visit(`${at}/auth/register`, json(user))).status).toBe(201);
      const login = await estate.visit(`${at}/auth/login`, json(user));
      expect(login.status).toBe(200);
      const refused = await estate.visit(`${from}/auth/login`, json(user));
      expect(refused.status).toBe(401);
      expect(refused.body).toContain("Invalid email or password");

      const authorization = `Bearer ${JSON.parse(login.body).token}`;
      const me = (base: string) => estate.visit(`${base}/auth/me`, { headers: { authorization } });
      expect((await me(at)).status).toBe(200);
      expect((await me(from)).status).toBe(401);
    }
  });

  it("has no generated secret in plaintext in state, outputs, logs, the cloud's files or its answers", async () => {
    for (const stack of ["staging", "production"]) {
      const shown = await estate.shell(`pulumi stack export --show-secrets --stack ${stack}`);
      const deployment = JSON.parse(shown.stdout).deployment as {
        resources: { type: string; outputs: { result?: { plaintext: string } } }[];
      };
      const secrets = deployment.resources
        .filter(({ type }) => type === "random:index/randomPassword:RandomPassword")
        .map(({ outputs }) => JSON.parse(outputs.result?.plaintext ?? "null") as string);
      expect(secrets.length).toBeGreaterThan(0);

      const outputs = await estate.bulkhead("outputs", stack, "--json");
      const logs = await estate.bulkhead("local", "logs");
      const preview = await estate.bulkhead("preview", stack, "--", "--diff", "--show-config");
      const { client, account_id } = await estate.client(stack);
      const answers: unknown[] = [];
      for await (const { id = "" } of client.workers.scripts.list({ account_id })) {
        answers.push(
          await client.workers.scripts.scriptAndVersionSettings.get(id, { account_id }),
          await client.workers.scripts.secrets.list(id, { account_id }),
        );
      }
      const text = [outputs.output, logs.output, preview.output, JSON.stringify(answers)].join();
      for (const secret of secrets) {
        expect(secret).toHaveLength(64);
        expect(filesContaining(estate.stateDir, secret)).toEqual([]);
        expect(text.includes(secret)).toBe(false);
      }
    }
  });
});

describe("after `up`", () => {
  it("previews no change, by the command line and by plain `pulumi preview`", async () => {
    const changes = await changesOf("preview", "staging");
    expect(Object.keys(changes)).toEqual(["same"]);
    // Plain Pulumi writes the stack's salt into the file that it reads.
    const config = join(estate.stateDir, "Pulumi.staging.yaml");
    copyFileSync("Pulumi.staging.yaml", config);
    const plain = await estate.shell(
      `pulumi preview --stack staging --config-file '${config}' --expect-no-changes`,
    );
    expect(plain.exitCode, plain.output).toBe(0);
  });

  it("changes nothing when it is run again", async () => {
    expect(Object.keys(await changesOf("up", "staging", "--yes"))).toEqual(["same"]);
  });

  it("sees by refresh what was changed and deleted behind its back, and `up` restores it", async () => {
    const { client, account_id } = await estate.client("staging");
    const script = "qhub-api-staging";
    await client.workers.scripts.subdomain.create(script, { account_id, enabled: false });
    expect(await changesOf("refresh", "staging", "--yes")).toMatchObject({ update: 1 });
    expect(await changesOf("up", "staging", "--yes")).toMatchObject({ update: 1 });
    expect((await estate.visit(`${apiOf("staging", "qhub")}/health`)).status).toBe(200);

    await client.workers.scripts.delete(script, { account_id });
    expect(await changesOf("refresh", "staging", "--yes")).toMatchObject({
      delete: expect.anything(),
    });
    await changesOf("up", "staging", "--yes");
    expect((await estate.visit(`${apiOf("staging", "qhub")}/health`)).status).toBe(200);
  });

  it("refuses to destroy production's data while it is protected", async () => {
    const refused = await estate.bulkhead("destroy", "production", "--yes");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toMatch(/protect/);
    expect((await estate.visit(`${apiOf("production", "qhub")}/health`)).status).toBe(200);
  });

  it("destroys staging without a trace", async () => {
    const { client, account_id } = await estate.client("staging");
    const destroyed = await estate.bulkhead("destroy", "staging", "--yes");
    expect(destroyed.exitCode, destroyed.output).toBe(0);
    expect(stateResources(estate, "staging")).toEqual([]);
    expect((await client.d1.database.list({ account_id })).result).toEqual([]);
    expect((await client.r2.buckets.list({ account_id })).buckets).toEqual([]);
    expect((await client.workers.scripts.list({ account_id })).result).toEqual([]);
  });
});
