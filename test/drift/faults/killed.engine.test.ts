import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { engineProcesses } from "../../support/engine-processes.ts";
import type { TestEstate } from "../../support/estate.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import {
  expectClean,
  expectSound,
  HARMED,
  look,
  onlyProblem,
  openDriftEstate,
  SOUND,
  toLook,
  waitFor,
  withProvider,
} from "./drifting.ts";
import { openFaultyVendor } from "./faulty-vendor.ts";

const QUICKLY = ["--skip", "program"];

let estate: TestEstate;
beforeAll(async () => {
  estate = await openDriftEstate();
});
afterAll(() => estate.close());

const lockFiles = (): string[] => {
  const folder = join(estate.stateDir, "pulumi/backend/.pulumi/locks");
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".json"),
    );
  } catch {
    return [];
  }
};

const processes = () => engineProcesses(estate.stateDir);

/** Works while the harmed stack's vendor says nothing at all, so that its refresh stands still. */
async function withSilentVendor<T>(work: (isAsked: () => boolean) => Promise<T>): Promise<T> {
  const vendor = await openFaultyVendor((await estate.cloud()).apiUrl, () => "silent");
  onTestFinished(vendor.close);
  return withProvider(estate, { baseUrl: vendor.url }, () => work(() => vendor.asked() > 0));
}

describe.runIf(process.platform === "linux")("kill -9 in the middle of a run", () => {
  it.each<[string, RegExp, RegExp]>([
    // Its language host would ask only after minutes whether the engine is still there.
    [
      "of Pulumi",
      /refresh .*--stack dev\b|pulumi-language-nodejs/,
      /ended by SIGKILL before it was done.*run again/,
    ],
    ["of a plugin", /cloudflare/, /run again/],
  ])("%s makes its stack unreadable, and no other", async (_what, victim, words) => {
    const found = await withSilentVendor(async (isAsked) => {
      const run = estate.startBulkhead(
        ...["drift", HARMED, SOUND, "--json", "--timeout", "120s", "--parallel", "1", ...QUICKLY],
      );
      await waitFor("The vendor's first request", isAsked);
      const victims = processes().filter(
        ({ command }) => victim.test(command) && !/^\/bin\/sh /.test(command),
      );
      expect(victims).not.toEqual([]);
      for (const { pid } of victims) process.kill(pid, "SIGKILL");
      return toLook(await run.done);
    });
    expect(onlyProblem(found)).toMatch(words);
    expect(found.of(HARMED)?.status).toBe("unreadable");
    await waitFor("The end of every process", () => processes().length === 0);
  });

  it("of the run itself leaves no lock, and no process after a short while; the next run works", async () => {
    await withSilentVendor(async (isAsked) => {
      const run = estate.startBulkhead("drift", HARMED, SOUND, "--json", ...QUICKLY);
      await waitFor("The vendor's first request", isAsked);
      expect(processes()).not.toEqual([]);
      process.kill(run.pid, "SIGKILL");
      await run.done;
      const killed = Date.now();
      await waitFor("The end of every process", () => processes().length === 0);
      expect(Date.now() - killed).toBeLessThan(20_000);
    });
    expect(lockFiles()).toEqual([]);
    expectClean(await look(estate, ...QUICKLY));
  });

  it("Ctrl-C ends it within three seconds, with one sentence and nothing left behind", async () => {
    await withSilentVendor(async (isAsked) => {
      const run = estate.startGroup(`exec $BULKHEAD drift ${HARMED} ${SOUND} --skip program`);
      await waitFor("The vendor's first request", isAsked);
      const interrupted = performance.now();
      process.kill(-run.pid, "SIGINT");
      const { exitCode, output } = await run.done;
      expect(performance.now() - interrupted).toBeLessThan(3000);
      expect(exitCode).toBe(1);
      expect(output).toMatch(/error: The command was interrupted\. Nothing was changed/);
      expect(output).not.toMatch(/no drift|fault of the program/i);
    });
    await waitFor("The end of every process", () => processes().length === 0);
    expect(lockFiles()).toEqual([]);
  });

  it("Ctrl-C while the backend is read ends it as well", async () => {
    const run = estate.startGroup(`exec $BULKHEAD drift ${HARMED} ${SOUND} --skip program`);
    await waitFor("Pulumi", () => processes().some(({ command }) => command.includes("stack ls")));
    process.kill(-run.pid, "SIGINT");
    const { exitCode, output } = await run.done;
    expect(exitCode).toBe(1);
    expect(output).toMatch(/interrupted/);
    await waitFor("The end of every process", () => processes().length === 0);
  });
});

describe("several runs at once", () => {
  it("on the same stacks find the same, and lock nothing", async () => {
    const runs = [look(estate, ...QUICKLY), look(estate, ...QUICKLY)];
    const seen = new Set<string>();
    let done = false;
    const watching = (async () => {
      while (!done) {
        for (const file of lockFiles()) seen.add(file);
        await sleep(20);
      }
    })();
    for (const found of await Promise.all(runs)) expectClean(found);
    done = true;
    await watching;
    expect([...seen]).toEqual([]);
  });

  it("beside an `up` of another stack harm neither", async () => {
    const up = estate.startBulkhead("up", "production", "--yes");
    const found = await look(estate, ...QUICKLY);
    expect(found.exitCode, found.output).toBe(0);
    expectSound(found);
    const { exitCode, output } = await up.done;
    expect(exitCode, output).toBe(0);
  });
});

describe.runIf(process.platform === "linux")("a full disk", () => {
  it("under --output makes the run fail, says which file, and keeps the report of before", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "report.json");
    writeFileSync(file, "the one before");
    // What is written first, before it takes the file's name, goes to a device that is full.
    symlinkSync("/dev/full", `${file}.new`);
    const { exitCode, output } = await estate.bulkhead(
      ...["drift", SOUND, "--json", "--output", file, ...QUICKLY],
    );
    expect(exitCode).toBe(1);
    expect(output).toMatch(
      /error: The report cannot be written to .*report\.json: ENOSPC.*Give --output/,
    );
    expect(readdirSync(folder)).toEqual(["report.json"]);
    expect(readFileSync(file, "utf8")).toBe("the one before");
  });
});
