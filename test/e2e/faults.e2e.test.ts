import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloudStatus } from "../../local/daemon.ts";
import { openTestEstate, stateResources, type TestEstate, TOOLS_FILE } from "../support/estate.ts";

let estate: TestEstate;
/** Gives the tests of a block one estate, whose cloud does not run yet. */
function shareEstate(): void {
  beforeAll(() => {
    estate = openTestEstate();
  });
  afterAll(() => estate.close());
}

/** What one environment of the program is at the vendor, neither less nor more. */
const COMPLETE = { databases: 2, buckets: 1, workers: 2 };

async function held(stack: string) {
  const { accounts = [] } = await cloudStatus(estate.stateDir);
  const { databases, buckets, workers } = accounts.find((a) => a.environment === stack) ?? {
    databases: 0,
    buckets: 0,
    workers: 0,
  };
  return { databases, buckets, workers };
}

/** Waits until the cloud holds what `reached` asks for, looking often enough to catch the middle. */
async function waitUntil(stack: string, reached: (now: typeof COMPLETE) => boolean) {
  const deadline = Date.now() + 180_000;
  while (
    !reached(await held(stack).catch(() => ({ ...COMPLETE, databases: 0, workers: 0, buckets: 0 })))
  ) {
    if (Date.now() > deadline) throw new Error("The moment for the fault did not come.");
    await sleep(5);
  }
}

async function completes(stack: string) {
  const up = await estate.bulkhead("up", stack, "--yes");
  expect(up.exitCode, up.output).toBe(0);
  expect(await held(stack)).toEqual(COMPLETE);
  const preview = JSON.parse((await estate.bulkhead("preview", stack, "--json")).stdout);
  expect(Object.keys(preview.changes)).toEqual(["same"]);
  const ids = stateResources(estate, stack)
    .filter(({ type }) => type === "cloudflare:index/d1Database:D1Database")
    .map(({ id }) => id);
  const { client, account_id } = await estate.client(stack);
  const databases = (await client.d1.database.list({ account_id })).result;
  expect(databases.map(({ uuid }) => uuid).sort()).toEqual(ids.sort());
}

describe("kill -9 of the local cloud in the middle of `up`", () => {
  shareEstate();

  it.each<[string, string, (now: typeof COMPLETE) => boolean]>([
    ["after the first database", "dev", ({ databases }) => databases >= 1],
    ["after the last database", "staging", ({ databases }) => databases >= 2],
    ["after the first Worker", "production", ({ workers }) => workers >= 1],
  ])(
    "%s of %s: the next `up` completes, and nothing is lost or doubled",
    async (_when, stack, reached) => {
      expect((await estate.bulkhead("local", "up")).exitCode).toBe(0);
      const up = estate.startBulkhead("up", stack, "--yes");
      await waitUntil(stack, reached);
      process.kill((await estate.cloud()).pid, "SIGKILL");
      const interrupted = await up.done;
      expect(interrupted.exitCode).not.toBe(0);
      expect(interrupted.output).toContain("npx bulkhead local up");
      await completes(stack);
    },
  );
});

describe("kill -9 of Pulumi in the middle of `up`", () => {
  shareEstate();

  it("leaves a lock that the next `up` removes, and the next `up` completes", async () => {
    expect((await estate.bulkhead("local", "up")).exitCode).toBe(0);
    const up = estate.startBulkhead("up", "staging", "--yes");
    await waitUntil("staging", ({ databases }) => databases >= 1);
    for (const pid of descendants(up.pid)) killIfAlive(pid);
    expect((await up.done).exitCode).not.toBe(0);
    await completes("staging");
  });

  /** Every process below one, deepest last. */
  function descendants(root: number): number[] {
    const rows = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" })
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number));
    const children = (pid: number): number[] =>
      rows.flatMap(([child, parent]) =>
        parent === pid && child !== undefined ? [child, ...children(child)] : [],
      );
    return children(root);
  }

  function killIfAlive(pid: number): void {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended with its parent.
    }
  }
});

describe("two commands at once", () => {
  shareEstate();

  it("bring up two stacks, one of which starts the cloud", async () => {
    const [dev, staging] = await Promise.all([
      estate.bulkhead("up", "dev", "--yes"),
      estate.bulkhead("up", "staging", "--yes"),
    ]);
    expect(dev.exitCode, dev.output).toBe(0);
    expect(staging.exitCode, staging.output).toBe(0);
    expect(await held("dev")).toEqual(COMPLETE);
    expect(await held("staging")).toEqual(COMPLETE);
  });
});

/* The tests follow each other: those at the end start the cloud. */
describe("one clear error, and nothing changed", () => {
  shareEstate();

  it("for a port that another program has", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port));
    });
    const up = await estate.bulkhead("local", "up", "--port", String(port));
    other.close();
    expect(up.exitCode).toBe(1);
    expect(up.stderr).toMatch(
      new RegExp(`^error: Port ${port} on 127.0.0.1 is in use by another program.*--port NUMBER`),
    );
  });

  it("for a Pulumi that is not there any more", async () => {
    const file = join(estate.stateDir, "tools.json");
    writeFileSync(file, "{}");
    const up = await estate.bulkhead("up", "staging", "--yes");
    copyFileSync(TOOLS_FILE, file);
    expect(up.exitCode).toBe(1);
    expect(up.stderr).toContain("node tools/bootstrap.mjs");
  });

  it("for a stack that there is not", async () => {
    const up = await estate.bulkhead("up", "stagign", "--yes");
    expect(up.exitCode).toBe(1);
    expect(up.stderr).toMatch(
      /^error: The stack "stagign" is not known; there are dev, staging, production\./,
    );
    expect(await cloudStatus(estate.stateDir)).toEqual({ running: false });
  });

  it.each([
    ["bulkhead:systems", '["qhub","nonesuch"]', /nonesuch.*qhub, agentverse/s],
    ["bulkhead:tier", "important", /bulkhead:tier.*important/s],
    ["bulkhead:protect", "maybe", /bulkhead:protect.*maybe/s],
  ])("for a bad value of %s", async (key, value, message) => {
    const file = join(estate.stateDir, "Pulumi.staging.yaml");
    writeFileSync(file, `config:\n  ${key}: ${value}\n`);
    const preview = await estate.shell(`pulumi preview -s staging --config-file '${file}'`, {
      env: { BULKHEAD_SYSTEMS: "" },
    });
    expect(preview.exitCode).not.toBe(0);
    expect(preview.output).toMatch(message);
    expect(preview.output).not.toMatch(/at .*\.ts:\d+/);
    expect(await held("staging")).toEqual({ databases: 0, buckets: 0, workers: 0 });
  });
});

/** Belongs to the system (util-linux), where it may be missing or refused. */
const UNSHARE = "unshare";

/** Runs a shell script that may mount file systems, which go with it. */
const inOwnMounts = (script: string, env: Record<string, string> = {}) =>
  execa(UNSHARE, ["-rm", "sh", "-c", script], { reject: false, all: true, env });

/** Whether this machine lets a user do so. */
const canMount = async () => (await inOwnMounts("mount -t tmpfs tmpfs /mnt")).exitCode === 0;

/*
 * A file system of its own that is really full, in a mount namespace that goes with the shell.
 */
describe("a full disk", () => {
  it("is named as the cause; when there is space again `up` completes", async ({ skip }) => {
    skip(!(await canMount()), "this machine refuses `unshare -rm mount`, so no disk can be filled");
    const mountPoint = mkdtempSync(join(tmpdir(), "bulkhead-disk-"));
    const script = `
      set -u
      mount -t tmpfs -o size=300m tmpfs "$BULKHEAD_STATE" || exit 70
      cp "$TOOLS_FILE" "$BULKHEAD_STATE/"
      node bin/bulkhead.mjs up dev --yes >/dev/null 2>&1 || exit 71
      dd if=/dev/zero of="$BULKHEAD_STATE/ballast" bs=64k 2>/dev/null
      echo "--- full"; node bin/bulkhead.mjs up staging --yes 2>&1; echo "exit $?"
      rm "$BULKHEAD_STATE/ballast"
      echo "--- freed"; node bin/bulkhead.mjs up staging --yes 2>&1; echo "exit $?"
      node bin/bulkhead.mjs preview dev --json 2>/dev/null; echo "exit $?"
      node bin/bulkhead.mjs local down >/dev/null
    `;
    const { exitCode, all } = await inOwnMounts(script, {
      TOOLS_FILE,
      BULKHEAD_STATE: mountPoint,
      BULKHEAD_PORT: "0",
      BULKHEAD_S3_PORT: "0",
      BULKHEAD_SYSTEMS: "qhub,cutty",
      NO_COLOR: "1",
    });
    rmSync(mountPoint, { recursive: true, force: true });
    expect(exitCode, all).toBe(0);
    const [, full = "", freed = ""] = all.split(/--- \w+\n/);
    expect(full).toMatch(/no space left on device|disk .*is full|ENOSPC/i);
    expect(full).toMatch(/exit [1-9]\d*/);
    expect(freed.match(/exit \d+/g)).toEqual(["exit 0", "exit 0"]);
  });
});
