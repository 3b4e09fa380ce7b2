import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { parseInterval, watch } from "../../cli/drift/watch.ts";
import { History } from "../../drift/record/history.ts";
import { recordOf } from "../../drift/record/run-record.ts";
import { finding, reportAt, stackReport } from "../drift/record/reports.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const BULKHEAD = fileURLToPath(new URL("../../bin/bulkhead.mjs", import.meta.url));

/** A project of two past runs, and its command line. */
function rememberingProject() {
  const folder = temporaryFolder();
  const history = new History(folder);
  for (const run of [
    reportAt(1, stackReport([finding("a")])),
    reportAt(2, stackReport([finding("a"), finding("b", { grade: "low" })])),
  ])
    history.append(recordOf(run, "local", []));
  const settings = join(folder, "drift.yaml");
  const env = {
    BULKHEAD_STATE: folder,
    BULKHEAD_CLOUD: "local",
    BULKHEAD_DRIFT_SETTINGS: settings,
    NO_COLOR: "1",
  };
  return {
    settings: () => readFileSync(settings, "utf8"),
    drift: (...args: string[]) =>
      execa(process.execPath, [BULKHEAD, "drift", ...args], { env, reject: false }),
  };
}

describe("drift history", () => {
  it("shows past runs with their trend, and what is open", async () => {
    const { stdout, exitCode } = await rememberingProject().drift("history");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/2026-01-01T02:00:00.000Z +│ bulkhead\/staging │ 1 high, 1 low │ 1 /);
    expect(stdout).toContain("bbbbbbbbbbbb");
  });

  it("is one JSON document on request, of the stacks and runs that are asked for", async () => {
    const { drift } = rememberingProject();
    const all = JSON.parse((await drift("history", "--json", "--last", "1")).stdout);
    expect(all).toMatchObject({ version: 1, cloud: "local", runs: [{ verdict: "drift" }] });
    expect(all.open).toHaveLength(2);
    const dev = JSON.parse((await drift("history", "dev", "--json")).stdout);
    expect(dev).toMatchObject({ runs: [], open: [] });
  });
});

describe("drift acknowledge", () => {
  const ACCOUNT = ["--stack", "staging", "--owner", "jane", "--reason", "known"];

  it("writes drift.yaml", async () => {
    const { drift, settings } = rememberingProject();
    const expires = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const { exitCode, stderr } = await drift(
      ...["acknowledge", "a".repeat(12), ...ACCOUNT, "--expires", expires],
    );
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(settings()).toContain("owner: jane");
  });

  it.each([
    ["a date that has passed", "a".repeat(12), "2020-01-01", "has expired on 2020-01-01"],
    ["a date too far ahead", "a".repeat(12), "2999-01-01", "more than a year ahead"],
    ["what is no id", "staging", "2999-01-01", '"staging" is no finding\'s id.'],
  ])("refuses %s, and writes nothing", async (_, id, expires, message) => {
    const { drift, settings } = rememberingProject();
    const { exitCode, stderr } = await drift("acknowledge", id, ...ACCOUNT, "--expires", expires);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
    expect(settings).toThrow("ENOENT");
  });
});

describe("an interval", () => {
  it.each([
    ["30s", 30_000],
    ["15m", 900_000],
    ["1h", 3_600_000],
  ])("%s is understood", (text, milliseconds) => {
    expect(parseInterval(text)).toBe(milliseconds);
  });

  it.each(["", "30", "0s", "1d", "-1s", "1.5h", "169h", "s"])("%j is refused", (text) => {
    expect(() => parseInterval(text)).toThrow("Give a number with s, m or h");
  });
});

describe("watching", () => {
  /** Watches runs of which each does what its number says, and ends after the last of them. */
  async function watched(intervalMs: number, ...runs: (() => Promise<number>)[]) {
    const controller = new AbortController();
    const starts: number[] = [];
    const lines: string[] = [];
    let running = 0;
    let most = 0;
    const queue = [...runs];
    const exitCode = await watch({
      intervalMs,
      signal: controller.signal,
      report: (line) => lines.push(line),
      async run() {
        starts.push(performance.now());
        running += 1;
        most = Math.max(most, running);
        try {
          return (await queue.shift()?.()) ?? 0;
        } finally {
          running -= 1;
          if (queue.length === 0) controller.abort();
        }
      },
    });
    return { exitCode, starts, lines, most };
  }

  const taking = (milliseconds: number, code: number) => () =>
    new Promise<number>((resolve) => setTimeout(() => resolve(code), milliseconds));

  it("starts a run an interval after the start of the one before", async () => {
    const { starts, exitCode } = await watched(200, taking(100, 0), taking(0, 2));
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(195);
    expect(exitCode).toBe(2);
  });

  it("never has two runs at once, however long they take", async () => {
    const { starts, most } = await watched(20, taking(80, 0), taking(80, 0), taking(0, 0));
    expect([starts.length, most]).toEqual([3, 1]);
  });

  it("goes on after a run that failed, which could not tell", async () => {
    const failing = () => Promise.reject(new Error("The backend is away."));
    const { lines, exitCode, starts } = await watched(10, failing, taking(0, 3));
    expect(lines).toEqual(["The run failed: The backend is away."]);
    expect([starts.length, exitCode]).toEqual([2, 3]);
  });

  it("ends at once in the middle of a wait, with the exit code of the last run", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const started = performance.now();
    const exitCode = await watch({
      intervalMs: 3_600_000,
      signal: controller.signal,
      report: () => {},
      run: () => Promise.resolve(2),
    });
    expect(exitCode).toBe(2);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it("that ends before a run has come to its end could not tell", async () => {
    const controller = new AbortController();
    const exitCode = await watch({
      intervalMs: 1000,
      signal: controller.signal,
      report: () => {},
      run() {
        controller.abort(new Error("interrupted"));
        return Promise.reject(controller.signal.reason);
      },
    });
    expect(exitCode).toBe(1);
  });
});
