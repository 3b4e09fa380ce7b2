import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloudStatus } from "../../local/daemon.ts";
import { openTestEstate, stateResources, type TestEstate } from "../support/estate.ts";

let estate: TestEstate;
beforeAll(async () => {
  estate = openTestEstate();
  const up = await estate.bulkhead("local", "up");
  expect(up.exitCode, up.output).toBe(0);
});
afterAll(() => estate.close());

async function waitFor(what: string, reached: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 180_000;
  while (!(await reached())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come about.`);
    await sleep(20);
  }
}

const hasDatabase = async (stack: string) => {
  const { accounts = [] } = await cloudStatus(estate.stateDir);
  return accounts.some(({ environment, databases }) => environment === stack && databases > 0);
};

function locks(stack: string): string[] {
  const folder = join(estate.stateDir, "pulumi/backend/.pulumi/locks/organization/bulkhead", stack);
  return existsSync(folder) ? readdirSync(folder) : [];
}

/**
 * Command lines of Pulumi and of all that it has started for this estate, which are known by their
 * environment: the language host has a process group of its own.
 */
const engineProcesses = (): string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const home = `\0PULUMI_HOME=${estate.stateDir}/pulumi/home\0`;
      const ours = `\0${readProc(pid, "environ")}`.includes(home);
      return ours ? [readProc(pid, "cmdline").replaceAll("\0", " ")] : [];
    });

/** Empty for a process that has ended. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

const allEnded = () =>
  waitFor("The end of every process of Pulumi", () => engineProcesses().length === 0);

describe.runIf(process.platform === "linux")("Ctrl-C", () => {
  it.each<[string, string]>([
    ["up dev --yes", "dev"],
    ["up staging --yes --json", "staging"],
  ])(
    "lets `%s` end in order: cancelled, the state written, no lock, no orphan",
    async (args, stack) => {
      const up = estate.startGroup(`exec $BULKHEAD ${args}`);
      await waitFor("The first database", () => hasDatabase(stack));
      process.kill(-up.pid, "SIGINT");
      const { exitCode, output } = await up.done;
      expect(exitCode).not.toBe(0);
      expect(output).toMatch(/cancel/i);
      await allEnded();
      expect(locks(stack)).toEqual([]);
      expect(stateResources(estate, stack).length).toBeGreaterThan(1);
      const again = await estate.bulkhead("up", stack, "--yes");
      expect(again.exitCode, again.output).toBe(0);
      expect(again.output).not.toMatch(/removing the lock|pending/);
    },
  );

  it("ends `start` in order, and begins no further stack", async () => {
    const start = estate.startGroup("exec $BULKHEAD start");
    // Pulumi listens for signals from before it runs the program; in its first moments it does not.
    await waitFor("A running program", () =>
      engineProcesses().some((line) => line.includes("@pulumi/pulumi/cmd/run")),
    );
    process.kill(-start.pid, "SIGINT");
    const { exitCode, output } = await start.done;
    expect(exitCode).not.toBe(0);
    await allEnded();
    expect(["dev", "staging", "production"].flatMap(locks)).toEqual([]);
    expect(await hasDatabase("production"), output).toBe(false);
  });
});

describe.runIf(process.platform === "linux")("a reader that leaves early", () => {
  it("ends neither `preview` nor leaves anything of it running", async () => {
    const preview = estate.startGroup("$BULKHEAD preview dev | head -1");
    const { stdout, stderr } = await preview.done;
    expect(stdout.split("\n")).toHaveLength(1);
    expect(stderr).not.toMatch(/EPIPE|error/);
    await allEnded();
  });
});

describe("two commands on one stack at once", () => {
  it("let at most one proceed, and tell the other so in one sentence", async () => {
    const results = await Promise.all(
      [["--json"], []].map((flags) => estate.bulkhead("refresh", "dev", "--yes", ...flags)),
    );
    // Each finds the other's lock when both take theirs in the same moment.
    const losers = results.filter(({ exitCode }) => exitCode !== 0);
    expect(losers.length).toBeGreaterThan(0);
    for (const { exitCode, output } of losers) {
      expect(exitCode).toBe(1);
      expect(output).toMatch(/The stack dev is being changed by (process \d+ of|another)/);
      expect(output).not.toMatch(/currently locked|\.json:/);
    }
  });
});
