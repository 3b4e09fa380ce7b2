import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StackOutputs } from "../../components/system-outputs.ts";
import {
  administratorUrl,
  authorityFile,
  credentialsOf,
  objectAnswer,
  objectClient,
  psql,
  redisCli,
  runPostgres,
  type Variables,
  variable,
  variablesOf,
  withLoginOf,
} from "../support/data-clients.ts";
import { openTestEstate, type TestEstate } from "../support/estate.ts";
import { filesContaining } from "../support/files.ts";
import {
  agentverseBucket,
  DIRECTIONS,
  listAnswer,
  POSTGRES,
  REDIS,
  STACKS,
  type StackName,
  secretsOf,
} from "./database-estate.ts";

/*
 * The data of two environments of the real program, reached by the clients that people use. The tests
 * follow each other: each leaves the estate as it found it.
 */

let estate: TestEstate;
let variables: Readonly<Record<StackName, Variables>>;
let outputs: Readonly<Record<StackName, StackOutputs>>;

beforeAll(async () => {
  estate = openTestEstate(undefined, ["agentverse", "instainstru", "handled"]);
  for (const stack of STACKS) {
    const up = await estate.bulkhead("up", stack, "--yes");
    expect(up, up.output).toMatchObject({ exitCode: 0 });
  }
  variables = {
    staging: await variablesOf(estate, "staging"),
    production: await variablesOf(estate, "production"),
  };
  outputs = {
    staging: await estate.outputs("staging"),
    production: await estate.outputs("production"),
  };
}, 600_000);
afterAll(() => estate.close());

const url = (stack: StackName, system: string, name: string) =>
  variable(variables[stack], system, name);

/** One of the PostgreSQL logins with its URL by stack. */
const postgresLogins = POSTGRES.map(({ system, variable: name, ...login }) => ({
  ...login,
  of: (stack: StackName) => url(stack, system, typeof name === "string" ? name : name[stack]),
}));

const bucketOf = (stack: StackName) => agentverseBucket(variables[stack]);

function systemOf(stack: StackName, name: string) {
  const system = outputs[stack].systems[name];
  if (system === undefined) throw new Error(`${stack} has no ${name}.`);
  return system;
}

/** What an operation would do or did, by Pulumi's own count. */
async function changesOf(...args: string[]): Promise<Record<string, number>> {
  const { stdout, output, exitCode } = await estate.bulkhead(...args, "--json");
  expect(exitCode, output).toBe(0);
  return JSON.parse(stdout).changes;
}

describe("real clients", () => {
  describe.each(postgresLogins)("psql at $title", ({ of, authority, mode }) => {
    it("logs in over TLS that it has verified by the vendor's authority", async () => {
      const home = of("production");
      const trust = { mode, file: await authorityFile(estate, "production", authority) };
      const login = await psql(home, "SELECT current_user", trust);
      expect(login, login.stderr).toMatchObject({ exitCode: 0, stdout: new URL(home).username });
    });

    it("trusts no other environment's authority, and is refused without TLS", async () => {
      const home = of("production");
      const foreign = { mode, file: await authorityFile(estate, "staging", authority) };
      const distrusted = await psql(home, "SELECT 1", foreign);
      expect(distrusted.exitCode).not.toBe(0);
      expect(distrusted.stderr).toContain("certificate verify failed");
      const plain = await psql(home, "SELECT 1", { mode: "disable" });
      expect(plain.exitCode).not.toBe(0);
      expect(plain.stderr).toMatch(/no encryption|SSL required/);
    });
  });

  it.each(REDIS)("redis-cli logs in at $title over TLS alone", async ({ system, authority }) => {
    const home = url("production", system, "REDIS_URL");
    const file = await authorityFile(estate, "production", authority);
    expect(await redisCli(home, ["PING"], file)).toMatchObject({ exitCode: 0, stdout: "PONG" });
    const distrusted = await redisCli(
      home,
      ["PING"],
      await authorityFile(estate, "staging", authority),
    );
    expect(distrusted.exitCode).not.toBe(0);
    expect(distrusted.stderr).toContain("certificate verify failed");
  });

  it("pgbench fills and runs its tables as InstaInstru's user, which may create", async () => {
    const home = url("staging", "instainstru", "STG_DATABASE_URL");
    const filled = await runPostgres("pgbench", home, ["-i", "-q"]);
    expect(filled, filled.stderr).toMatchObject({ exitCode: 0 });
    const run = await runPostgres("pgbench", home, ["-c", "4", "-t", "25"]);
    expect(run.stdout, run.stderr).toContain("transactions actually processed: 100/100");
    const tables = ["accounts", "branches", "history", "tellers"].map((t) => `pgbench_${t}`);
    await psql(home, `DROP TABLE ${tables.join(", ")}`);
  });

  it("pgbench runs more clients through handled's pool than the pool has connections (H1)", async () => {
    const script = join(estate.stateDir, "select.sql");
    writeFileSync(script, "SELECT 1;\n");
    const args = ["-n", "-c", "30", "-t", "10", "-f", script];
    const pool = url("staging", "handled", "PRIMARY_DATABASE_URL");
    const run = await runPostgres("pgbench", pool, args);
    expect(run.stdout, run.stderr).toContain("transactions actually processed: 300/300");
  });

  it("the AWS SDK reads back what it wrote to agentverse's bucket, which the other has not (A3, A15)", async () => {
    const where = { Key: "test/staging-test.txt" };
    const staging = bucketOf("staging");
    await staging.client.send(
      new PutObjectCommand({ Bucket: staging.bucket, ...where, Body: "canary" }),
    );
    const read = await staging.client.send(
      new GetObjectCommand({ Bucket: staging.bucket, ...where }),
    );
    expect(await read.Body?.transformToString()).toBe("canary");
    const production = bucketOf("production");
    const absent = production.client.send(
      new GetObjectCommand({ Bucket: production.bucket, ...where }),
    );
    expect(await objectAnswer(absent)).toEqual({ status: 404, code: "NoSuchKey" });
  });

  it("node-redis is kept to its application's keys by the server", async () => {
    const { redis } = systemOf("staging", "instainstru");
    const own = redis.cache?.applications;
    const client = createClient({
      url: url("staging", "instainstru", "REDIS_URL"),
      socket: { tls: true, ca: credentialsOf(estate, "staging").aws.databaseAuthority },
    });
    client.on("error", () => undefined);
    await client.connect();
    try {
      await client.set(`${own?.api}greeting`, "hello");
      expect(await client.get(`${own?.api}greeting`)).toBe("hello");
      await expect(client.get(`${own?.worker}greeting`)).rejects.toThrow(/NOPERM/);
      await expect(client.set("greeting", "hello")).rejects.toThrow(/NOPERM/);
      await client.del(`${own?.api}greeting`);
    } finally {
      client.destroy();
    }
  });
});

describe.each(DIRECTIONS)("credentials of %s at %s's servers", (home, abroad) => {
  it.each(postgresLogins)("are refused by PostgreSQL of $title (A6)", async ({ of }) => {
    const [own, foreign] = [of(home), of(abroad)];
    expect(new URL(own).host).not.toBe(new URL(foreign).host);
    expect(await psql(own, "SELECT 1")).toMatchObject({ exitCode: 0, stdout: "1" });
    const refused = await psql(withLoginOf(foreign, own), "SELECT 1");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toMatch(/password authentication failed|SASL authentication failed/);
  });

  it.each(REDIS)("are refused by Redis of $title (A10)", async ({ system, authority }) => {
    const [own, foreign] = [url(home, system, "REDIS_URL"), url(abroad, system, "REDIS_URL")];
    const [ownFile, foreignFile] = await Promise.all([
      authorityFile(estate, home, authority),
      authorityFile(estate, abroad, authority),
    ]);
    expect(await redisCli(own, ["PING"], ownFile)).toMatchObject({ stdout: "PONG" });
    const refused = await redisCli(withLoginOf(foreign, own), ["PING"], foreignFile);
    expect(refused.stdout + refused.stderr).toMatch(/WRONGPASS/);
    expect(refused.stdout).not.toContain("PONG");
  });

  it("get 403 of Spaces, which is not the 404 of a bucket that is not there (A11-A12, T14)", async () => {
    const own = bucketOf(home);
    const foreign = bucketOf(abroad);
    const { spacesKeyId, spacesSecret } = credentialsOf(estate, home).digitalocean;
    const account = objectClient(own.endpoint, spacesKeyId, spacesSecret);
    for (const client of [own.client, account]) {
      expect(await listAnswer(client, own.bucket)).toEqual({ status: 200 });
      expect(await listAnswer(client, foreign.bucket)).toEqual({
        status: 403,
        code: "AccessDenied",
      });
      const write = new PutObjectCommand({ Bucket: foreign.bucket, Key: "a", Body: "a" });
      expect(await objectAnswer(client.send(write))).toMatchObject({ status: 403 });
    }
    expect(await listAnswer(account, `${own.bucket}-nonesuch`)).toEqual({
      status: 404,
      code: "NoSuchBucket",
    });
  });

  it("get 403 of S3, which is not the 404 of a bucket that is not there (T14)", async () => {
    const { aws } = credentialsOf(estate, home);
    const { s3Url } = await estate.cloud();
    const client = objectClient(s3Url, aws.accessKeyId, aws.secretAccessKey, aws.region);
    const [own, foreign] = [home, abroad].map(
      (stack) => systemOf(stack, "instainstru").buckets.uploads?.name,
    );
    expect(await listAnswer(client, own)).toEqual({ status: 200 });
    expect(await listAnswer(client, foreign)).toEqual({ status: 403, code: "AccessDenied" });
    expect(await listAnswer(client, `${own}-nonesuch`)).toEqual({
      status: 404,
      code: "NoSuchBucket",
    });
  });
});

describe("Workers", () => {
  const answer = async (stack: StackName, system: string, worker: string, path: string) => {
    const address = systemOf(stack, system).urls[worker];
    const { status, body } = await estate.visit(`${address}${path}`);
    expect(status, body).toBe(200);
    return JSON.parse(body);
  };

  it.each(STACKS)("answer /health with their environment, %s (A4, A5, A14)", async (stack) => {
    for (const [system, worker] of [
      ["agentverse", "api"],
      ["agentverse", "web"],
      ["handled", "api"],
    ] as const) {
      expect(await answer(stack, system, worker, "/health")).toMatchObject({
        status: "healthy",
        environment: stack,
      });
    }
  });

  it.each(STACKS)("route each schema of handled to its own server in %s (H6-H8)", async (stack) => {
    expect(await answer(stack, "handled", "api", "/routing")).toEqual({
      environment: stack,
      split: true,
      databases: {
        config: "handled_primary",
        customer: "handled_primary",
        workspace: "handled_data",
        reference: "handled_data",
      },
    });
  });

  it("see their own environment's queue alone (A9-A10)", async () => {
    const prefix = systemOf("staging", "agentverse").redis.main?.applications.api;
    const queue = `${prefix}queue:jobs`;
    const redis = url("staging", "agentverse", "REDIS_URL");
    const file = await authorityFile(estate, "staging", "digitalocean");
    const pushed = await redisCli(redis, ["LPUSH", queue, "a", "b"], file);
    expect(pushed, pushed.stderr).toMatchObject({ stdout: "2" });
    expect(await answer("staging", "agentverse", "api", "/queues")).toEqual({
      environment: "staging",
      queues: { jobs: 2 },
    });
    expect(await answer("production", "agentverse", "api", "/queues")).toEqual({
      environment: "production",
      queues: {},
    });
    await redisCli(redis, ["DEL", queue], file);
  });
});

describe("after `up`", () => {
  it.each(STACKS)(
    "finds nothing to do in %s by preview, refresh and another `up`",
    async (stack) => {
      expect(Object.keys(await changesOf("preview", stack))).toEqual(["same"]);
      expect(Object.keys(await changesOf("refresh", stack, "--yes"))).toEqual(["same"]);
      expect(Object.keys(await changesOf("up", stack, "--yes"))).toEqual(["same"]);
    },
  );

  it("sees by refresh a schema that was dropped behind its back, and `up` makes it again", async () => {
    const administrator = await administratorUrl(
      estate,
      "staging",
      "agentverse-postgres-staging",
      "agentverse",
    );
    const schemas = async () =>
      (await psql(administrator, "SELECT nspname FROM pg_namespace WHERE nspname = 'agentverse'"))
        .stdout;
    expect(await schemas()).toBe("agentverse");
    await psql(administrator, "DROP SCHEMA agentverse CASCADE");
    expect(await schemas()).toBe("");
    expect(await changesOf("refresh", "staging", "--yes")).toMatchObject({ update: 1 });
    expect(await changesOf("preview", "staging")).toMatchObject({ update: 1 });
    expect(await changesOf("up", "staging", "--yes")).toMatchObject({ update: 1 });
    expect(await schemas()).toBe("agentverse");
    const granted = await psql(
      url("staging", "agentverse", "DATABASE_URL"),
      "SELECT has_schema_privilege('agentverse', 'USAGE')",
    );
    expect(granted, granted.stderr).toMatchObject({ stdout: "t" });
  });
});

it.each(STACKS)(
  "has no secret of %s in plaintext in any file, output or process (T27)",
  async (stack) => {
    const secrets = await secretsOf(estate, stack, variables[stack]);
    expect(secrets.size).toBeGreaterThanOrEqual(10);

    const shown = [
      await estate.bulkhead("outputs", stack, "--json"),
      await estate.bulkhead("local", "logs"),
      await estate.bulkhead("preview", stack, "--", "--diff", "--show-config"),
    ].map(({ output }) => output);
    const text = [...shown, execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })].join();
    const kept = join(estate.stateDir, "credentials");
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThanOrEqual(16);
      expect(text.includes(secret)).toBe(false);
    }
    const files = filesContaining(estate.stateDir, ...secrets);
    // The files by which the command line itself reaches the vendors, as a user's own are.
    expect(files.filter((file) => !file.startsWith(kept))).toEqual([]);
  },
);
