import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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

const stateDirs: string[] = [];
const newStateDir = () => {
  const stateDir = mkdtempSync(join(tmpdir(), "bulkhead-daemon-"));
  stateDirs.push(stateDir);
  return stateDir;
};
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
}, 30_000);

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

it("starts although an earlier starter was killed while it held the lock", async () => {
  const stateDir = newStateDir();
  const lock = join(stateDir, "local", "start.lock");
  mkdirSync(lock, { recursive: true });
  execFileSync("touch", ["-d", "1 hour ago", lock]);
  expect((await start(stateDir)).pid).toBeGreaterThan(0);
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

/** The running workerd processes of a daemon's process group; a dead one is shown in brackets until it is reaped. */
function runtimesOf(group: number): number[] {
  return execFileSync("ps", ["-eo", "pid=,pgid=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, pgid, command]) => pgid === String(group) && /^[^[].*workerd/.test(command ?? ""))
    .map(([pid]) => Number(pid));
}
