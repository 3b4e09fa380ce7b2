import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Cloudflare from "cloudflare";
import { afterEach, expect, it } from "vitest";
import {
  cloudStatus,
  ensureEnvironments,
  resetCloud,
  startCloud,
  stopCloud,
} from "../../local/daemon.ts";
import { isAlive } from "../../local/processes.ts";
import { absolute, outputOf, specifier, startModule } from "../support/node-process.ts";

const stateDirs: string[] = [];
const newStateDir = () => {
  const stateDir = mkdtempSync(join(tmpdir(), "bulkhead-daemon-"));
  stateDirs.push(stateDir);
  return stateDir;
};
const WAIT = { timeout: 10_000 };
const start = (stateDir: string) => startCloud({ stateDir, port: 0, s3Port: 0 });

afterEach(async () => {
  for (const stateDir of stateDirs.splice(0)) {
    await stopCloud(stateDir);
    rmSync(stateDir, { recursive: true, force: true });
  }
});

it("starts once, however often and by however many it is started, and stops", async () => {
  const stateDir = newStateDir();
  const [first, second] = await Promise.all([start(stateDir), start(stateDir)]);
  expect(second).toEqual(first);
  expect((await start(stateDir)).pid).toBe(first.pid);
  expect(await cloudStatus(stateDir)).toMatchObject({ running: true, info: { pid: first.pid } });

  expect(await stopCloud(stateDir)).toBe(true);
  expect(await cloudStatus(stateDir)).toEqual({ running: false });
  expect(await stopCloud(stateDir)).toBe(false);
});

it("opens one account an environment, keeps its credentials for the owner alone, and finds them again", async () => {
  const stateDir = newStateDir();
  await start(stateDir);
  const first = await ensureEnvironments(stateDir, ["staging", "production"]);
  expect(first.staging?.accountId).not.toBe(first.production?.accountId);
  expect(first.staging?.apiToken).not.toBe(first.production?.apiToken);
  expect(await ensureEnvironments(stateDir, ["staging", "production"])).toEqual(first);
  expect(statSync(join(stateDir, "credentials", "staging.json")).mode & 0o777).toBe(0o600);
});

it("loses nothing to kill -9, ends the runtimes left behind, and comes back on the same ports", async () => {
  const stateDir = newStateDir();
  const before = await start(stateDir);
  const { staging } = await ensureEnvironments(stateDir, ["staging"]);
  if (staging === undefined) throw new Error("There is no staging.");
  const client = () =>
    new Cloudflare({
      apiToken: staging.apiToken,
      baseURL: `${before.apiUrl}/client/v4`,
      maxRetries: 0,
    });
  const account_id = staging.accountId;
  const { uuid = "" } = await client().d1.database.create({ account_id, name: "kept" });
  const query = async (sql: string) =>
    (await client().d1.database.query(uuid, { account_id, sql })).result[0]?.results;
  await query("CREATE TABLE a (x)");

  // The kill arrives while writes are under way; whatever was acknowledged must be there after it.
  let acknowledged = 0;
  const writes = (async () => {
    for (;;) {
      await query(`INSERT INTO a VALUES (${acknowledged})`);
      acknowledged += 1;
    }
  })().catch(() => undefined);
  await expect.poll(() => acknowledged, { timeout: 10_000 }).toBeGreaterThan(5);
  process.kill(before.pid, "SIGKILL");
  await writes;
  expect(runtimesOf(before.pid)).not.toEqual([]);

  const after = await startCloud({ stateDir });
  expect(after.pid).not.toBe(before.pid);
  expect(after.apiUrl).toBe(before.apiUrl);
  expect(runtimesOf(before.pid)).toEqual([]);
  const [row] = (await query("SELECT count(*) AS n FROM a")) as { n: number }[];
  expect(row?.n).toBeGreaterThanOrEqual(acknowledged);
  expect(row?.n).toBeLessThanOrEqual(acknowledged + 1);
}, 60_000);

it("says which port is taken and how to choose another", async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port));
  });
  const stateDir = newStateDir();
  await expect(startCloud({ stateDir, port, s3Port: 0 })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is in use by another program`,
  );
  await expect(startCloud({ stateDir, port: 0, s3Port: port })).rejects.toThrow("--s3-port");
  other.close();
  expect((await start(stateDir)).pid).toBeGreaterThan(0);
});

it("says what to do when its key was damaged, and changes nothing", async () => {
  const stateDir = newStateDir();
  mkdirSync(join(stateDir, "local"), { recursive: true });
  writeFileSync(join(stateDir, "local", "store.key"), "damaged");
  await expect(start(stateDir)).rejects.toThrow(/key file .* 7 bytes instead of 32/);
  expect(readFileSync(join(stateDir, "local", "store.key"), "utf8")).toBe("damaged");
});

it("starts at once although a starter was killed in the middle of its start", async () => {
  const stateDir = newStateDir();
  const starter = startModule(`
    import { startCloud } from ${specifier("local/daemon.ts")};
    await startCloud(${JSON.stringify({ stateDir, port: 0, s3Port: 0 })});`);
  await expect.poll(() => existsSync(join(stateDir, "local", "cloud.log")), WAIT).toBe(true);
  const gone = once(starter, "exit");
  starter.kill("SIGKILL");
  await gone;
  // Whether its cloud comes up or another one in its stead, one answers, and later starts find it.
  const { pid } = await start(stateDir);
  expect((await start(stateDir)).pid).toBe(pid);
  await expect.poll(() => cloudsOn(stateDir), WAIT).toEqual([pid]);
}, 60_000);

it("issues each environment once when two processes ask for it at the same time", async () => {
  const stateDir = newStateDir();
  const { apiUrl } = await start(stateDir);
  const environments = ["dev", "staging", "production", "preview"];
  const asking = [1, 2].map(() =>
    startModule(`
      import { ensureEnvironments } from ${specifier("local/daemon.ts")};
      const issued = await ensureEnvironments(${JSON.stringify(stateDir)}, ${JSON.stringify(environments)});
      console.log(JSON.stringify(issued));`),
  );
  const [first, second] = (await Promise.all(asking.map(outputOf))).map((text) => JSON.parse(text));
  expect(second).toEqual(first);
  for (const environment of environments) {
    const { apiToken } = first[environment];
    const client = new Cloudflare({ apiToken, baseURL: `${apiUrl}/client/v4`, maxRetries: 0 });
    expect(await client.user.tokens.verify()).toMatchObject({ status: "active" });
  }
}, 60_000);

it("names a cloud that is alive but silent, starts no second one, and ends it on demand", async () => {
  const stateDir = newStateDir();
  const { pid } = await start(stateDir);
  process.kill(pid, "SIGSTOP");
  const message = new RegExp(
    `process ${pid}\\) is alive but does not answer.*npx bulkhead local down`,
  );
  // Each waits for an answer, so they do at once.
  await Promise.all([
    expect(start(stateDir)).rejects.toThrow(message),
    expect(cloudStatus(stateDir)).rejects.toThrow(message),
    expect(ensureEnvironments(stateDir, ["dev"])).rejects.toThrow(message),
  ]);
  // A reset must not delete under it either, so it is ended first.
  await resetCloud(stateDir);
  expect(isAlive(pid)).toBe(false);
  expect(existsSync(join(stateDir, "local"))).toBe(false);
  expect((await start(stateDir)).pid).not.toBe(pid);
}, 60_000);

it("does not let a second process serve the same data", async () => {
  const stateDir = newStateDir();
  const { pid } = await start(stateDir);
  const second = spawn(process.execPath, [
    absolute("local/main.ts"),
    ...[`--state=${stateDir}`, "--port=0", "--s3-port=0"],
  ]);
  let said = "";
  second.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const [code] = await once(second, "close");
  expect(code).toBe(1);
  expect(said).toMatch(new RegExp(`A local cloud runs on .* already, as process ${pid}\\.`));
  expect(await cloudStatus(stateDir)).toMatchObject({ running: true, info: { pid } });
}, 60_000);

it("survives a start and a reset at the same time", async () => {
  const stateDir = newStateDir();
  await start(stateDir);
  await Promise.all([resetCloud(stateDir), start(stateDir), start(stateDir)]);
  const { pid } = await start(stateDir);
  expect(await cloudStatus(stateDir)).toMatchObject({ running: true, info: { pid } });
}, 60_000);

it("stops once, however many signals ask for it", async () => {
  const stateDir = newStateDir();
  const { pid, logFile } = await start(stateDir);
  for (const name of ["SIGTERM", "SIGINT", "SIGTERM"] as const) process.kill(pid, name);
  await expect
    .poll(() => cloudStatus(stateDir).catch(() => "silent"), WAIT)
    .toEqual({ running: false });
  expect(readFileSync(logFile, "utf8").match(/Stopping after/g)).toHaveLength(1);
}, 60_000);

it("opens an account for any name that a stack may have, and names what can be none", async () => {
  const stateDir = newStateDir();
  await start(stateDir);
  const names = ["pr_123", "pr.123", "pr-123", "PR-123", "pr_"];
  const issued = Object.values(await ensureEnvironments(stateDir, names));
  expect(issued.map(({ environment }) => environment).sort()).toEqual(names.sort());
  expect(new Set(issued.map(({ domain }) => domain)).size).toBe(names.length);
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
  for (const { domain, workersSubdomain } of issued) {
    expect(domain.split(".")[0]).toMatch(label);
    expect(workersSubdomain).toMatch(label);
  }
  await expect(ensureEnvironments(stateDir, ["two words"])).rejects.toThrow(
    'for the environment "two words". Use 1 to 40 letters',
  );
});

it("does not take a foreign process with a recycled id for itself", async () => {
  const stateDir = newStateDir();
  const foreign = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  mkdirSync(join(stateDir, "local"), { recursive: true });
  writeFileSync(
    join(stateDir, "local", "cloud.json"),
    JSON.stringify({ pid: foreign.pid, apiUrl: "http://127.0.0.1:9", s3Url: "http://127.0.0.1:9" }),
  );
  expect(await cloudStatus(stateDir)).toEqual({ running: false });
  expect(await stopCloud(stateDir)).toBe(false);
  expect(foreign.exitCode).toBeNull();
  foreign.kill("SIGKILL");
});

it("forgets everything when it is reset", async () => {
  const stateDir = newStateDir();
  await start(stateDir);
  const before = await ensureEnvironments(stateDir, ["staging"]);
  await resetCloud(stateDir);
  await start(stateDir);
  const after = await ensureEnvironments(stateDir, ["staging"]);
  expect(after.staging?.accountId).not.toBe(before.staging?.accountId);
});

function cloudsOn(stateDir: string): number[] {
  return execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(`local/main.ts --state=${stateDir} `))
    .map((line) => Number.parseInt(line, 10));
}

/** The running workerd processes of a daemon's process group; a dead one is shown in brackets until it is reaped. */
function runtimesOf(group: number): number[] {
  return execFileSync("ps", ["-eo", "pid=,pgid=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, pgid, command]) => pgid === String(group) && /^[^[].*workerd/.test(command ?? ""))
    .map(([pid]) => Number(pid));
}
