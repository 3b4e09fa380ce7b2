import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandResult, openTestEstate, type TestEstate } from "../support/estate.ts";

/*
 * The main job on a state folder of its own. The tests follow each other: the first brings up
 * what the others look at.
 */

let estate: TestEstate;
let first: CommandResult;

beforeAll(async () => {
  estate = openTestEstate();
  first = await estate.bulkhead("start");
});
afterAll(() => estate.close());

const STACKS = ["dev", "staging", "production"];

describe("start", () => {
  it("brings up three environments, tries them, and shows what exists where", () => {
    expect(first, first.output).toMatchObject({ exitCode: 0 });
    for (const stack of STACKS) {
      expect(first.stderr).toMatch(
        new RegExp(`${stack}: local cloud http://127\\.0\\.0\\.1:\\d+ .*account [0-9a-f]{32}`),
      );
      expect(first.stdout).toContain(`PASS  qhub api ${stack}: /health names its environment`);
      expect(first.stdout).toMatch(
        new RegExp(`http://qhub-api-${stack}\\.[a-z0-9-]+\\.localhost:\\d+`),
      );
    }
    expect(first.stdout).toContain("PASS  qhub production: refuses the user of staging (401");
    expect(first.stdout).toContain("PASS  cutty production: has no file of staging (404");
    for (const name of ["qhub-production", "cutty-prod", "cutty-files-staging"])
      expect(first.stdout).toContain(name);
    expect(first.stdout).not.toMatch(/FAIL|NOT-RUN/);
    expect(first.stdout).toMatch(/\d+ resources changed; 16 checks; [\d.]+ s\.$/);
  });

  it("changes nothing when it is run again, and says so", async () => {
    const second = await estate.bulkhead("start");
    expect(second, second.output).toMatchObject({ exitCode: 0 });
    expect(second.stdout).toMatch(/Nothing changed; 16 checks; [\d.]+ s\.$/);
    expect(second.stdout.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g)).toEqual(
      first.stdout.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g),
    );
  });

  it("leaves no row of its smoke test behind in any table", async () => {
    for (const system of ["qhub", "cutty"]) {
      // No user is tried in dev, so its tables hold what the migrations put there.
      const untouched = await rowCounts("dev", system);
      expect(Object.keys(untouched)).toContain("users");
      for (const stack of ["staging", "production"]) {
        expect(await rowCounts(stack, system), stack).toEqual(untouched);
      }
    }
  });
});

/** Number of rows of every table that the system has made. */
async function rowCounts(stack: string, system: string): Promise<Record<string, number>> {
  const { systems } = await estate.outputs(stack);
  const { client, account_id } = await estate.client(stack);
  const id = systems[system]?.databases.main?.id ?? "";
  const query = async (sql: string) =>
    (await client.d1.database.query(id, { account_id, sql })).result[0]?.results as {
      name: string;
      rows: number;
    }[];
  const tables = await query("SELECT name FROM sqlite_master WHERE type = 'table'");
  const names = tables.map(({ name }) => name).filter((name) => !/^(sqlite|_cf|d1)_/.test(name));
  const counts = names.map((name) => `SELECT '${name}' AS name, count(*) AS rows FROM ${name}`);
  const perTable = await Promise.all(counts.map(query));
  return Object.fromEntries(perTable.flat().map(({ name, rows }) => [name, rows]));
}

describe("after it", () => {
  it("doctor finds nothing wrong", async () => {
    const { exitCode, stdout } = await estate.bulkhead("doctor", "--json");
    expect(
      JSON.parse(stdout).checks.filter((check: { status: string }) => check.status !== "PASS"),
    ).toEqual([]);
    expect(exitCode).toBe(0);
  });

  it("ready says of production what a release needs, with evidence (Q14)", async () => {
    const { exitCode, stdout } = await estate.bulkhead("ready", "production");
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain("PASS  qhub: the secret JWT_SECRET is generated and set (set, 64");
    expect(stdout).toContain("PASS  qhub: the database qhub-production is there and bound");
    expect(stdout).toContain("PASS  qhub: the Worker qhub-api-production is deployed");
    expect(stdout).toContain("PASS  qhub api production: /health names its environment");
    expect(stdout).toContain("production is ready.");
  });

  it("ready fails when a secret was taken away behind Pulumi's back, and names it", async () => {
    const { client, account_id } = await estate.client("dev");
    const script_name = "qhub-api-dev";
    await client.workers.scripts.secrets.delete("JWT_SECRET", { account_id, script_name });
    const { exitCode, stdout } = await estate.bulkhead("ready", "dev", "--json");
    expect(exitCode).toBe(1);
    const failed = JSON.parse(stdout).checks.filter((c: { status: string }) => c.status !== "PASS");
    expect(failed.map((c: { name: string }) => c.name)).toContain(
      "qhub: the secret JWT_SECRET is generated and set",
    );
    await estate.bulkhead("refresh", "dev", "--yes");
    const restored = await estate.bulkhead("up", "dev", "--yes");
    expect(restored.exitCode, restored.output).toBe(0);
    expect(restored.stdout).toMatch(/qhub api +│ http:\/\/qhub-api-dev\.[a-z0-9-]+\.localhost:\d+/);
    expect((await estate.bulkhead("ready", "dev")).exitCode).toBe(0);
  });

  it("local status shows each environment's account", async () => {
    const { stdout } = await estate.bulkhead("local", "status");
    for (const stack of STACKS)
      expect(stdout).toMatch(new RegExp(`${stack}\\s+│ [0-9a-f]{32} │ 2\\s+│ 2`));
  });

  it("wrangler prints a configuration with every environment (Q4)", async () => {
    const { stdout, exitCode } = await estate.bulkhead("wrangler", "qhub");
    expect(exitCode).toBe(0);
    for (const stack of STACKS) expect(stdout).toContain(`[env.${stack}]`);
    expect(stdout).toContain('database_name = "qhub-production"');
  });

  it("plain pulumi commands work in a shell that `local env` set up", async () => {
    const { stdout, exitCode, output } = await estate.shell(
      "pulumi stack output environment && pulumi stack output -s staging environment",
    );
    expect(exitCode, output).toBe(0);
    expect(stdout.split("\n").slice(-2)).toEqual(["dev", "staging"]);
  });
});

describe("a lock in the backend", () => {
  const folder = () =>
    join(
      estate.stateDir,
      "pulumi",
      "backend",
      ".pulumi",
      "locks",
      "organization",
      "bulkhead",
      "dev",
    );
  const leaveLock = (pid: number) => {
    mkdirSync(folder(), { recursive: true });
    const content = {
      pid,
      username: "ada",
      hostname: hostname(),
      timestamp: "2026-11-21T07:46:35.5Z",
    };
    writeFileSync(join(folder(), "0e9c7c0a.json"), JSON.stringify(content));
  };

  it("of a command that was killed is removed with a message, and the next `up` proceeds", async () => {
    leaveLock(await pidOfEndedProcess());
    const { exitCode, output } = await estate.bulkhead("up", "dev", "--yes");
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/dev: removing the lock of process \d+, which ended without finishing/);
    expect(readdirSync(folder()).filter((file) => file.endsWith(".json"))).toEqual([]);
  });

  it("of a command that runs is one clear error, and stays", async () => {
    const holder: ChildProcess = spawn("sleep", ["60"]);
    try {
      leaveLock(holder.pid ?? 0);
      const { exitCode, stderr } = await estate.bulkhead("up", "dev", "--yes");
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        new RegExp(`error: The stack dev is being changed by process ${holder.pid} of ada@`),
      );
      expect(readdirSync(folder())).toContain("0e9c7c0a.json");
    } finally {
      holder.kill();
    }
  });
});

describe("local reset", () => {
  it("empties the cloud and Pulumi's record of it", async () => {
    const { exitCode, output } = await estate.bulkhead("local", "reset", "--yes");
    expect(exitCode, output).toBe(0);
    expect((await estate.bulkhead("local", "status")).stdout).toContain("is not running");
    const outputs = await estate.bulkhead("outputs", "dev");
    expect(outputs.stderr).toMatch(
      /The stack dev has not been deployed to this cloud yet\. Deploy it with `npx bulkhead up dev`\.$/,
    );
  });
});

function pidOfEndedProcess(): Promise<number> {
  const child = spawn("true");
  return new Promise((resolve) => child.once("close", () => resolve(child.pid ?? 0)));
}
