import { existsSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { withLock } from "../../tools/bootstrap/lock.mjs";
import { temporaryFolder } from "./support.ts";

/** Above the highest process id that Linux gives out. */
const NO_PROCESS = 2 ** 22 + 1;

test("holders of the same lock run one after the other", async () => {
  const file = join(temporaryFolder(), "x.lock");
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} in`);
    await sleep(50);
    events.push(`${name} out`);
  };
  await Promise.all([withLock(file, () => {}, work("a")), withLock(file, () => {}, work("b"))]);
  expect(events).toEqual(["a in", "a out", "b in", "b out"]);
  expect(existsSync(file)).toBe(false);
});

test("the lock of a process that has died is taken over", async () => {
  const file = join(temporaryFolder(), "x.lock");
  writeFileSync(file, JSON.stringify({ pid: NO_PROCESS, host: hostname() }));
  expect(
    await withLock(
      file,
      () => {},
      async () => "done",
    ),
  ).toBe("done");
});

test("an empty lock whose writer was killed is taken over after a while", async () => {
  const file = join(temporaryFolder(), "x.lock");
  writeFileSync(file, "");
  const past = new Date(Date.now() - 60_000);
  utimesSync(file, past, past);
  expect(
    await withLock(
      file,
      () => {},
      async () => "done",
    ),
  ).toBe("done");
});

test("the lock of a process on another host is waited for while it is touched, and named", async () => {
  const file = join(temporaryFolder(), "x.lock");
  writeFileSync(file, JSON.stringify({ pid: NO_PROCESS, host: "elsewhere" }));
  const lines: string[] = [];
  let entered = false;
  const waiting = withLock(
    file,
    (line) => void lines.push(line),
    async () => {
      entered = true;
    },
  );
  await sleep(100);
  expect(entered).toBe(false);
  expect(lines).toEqual([
    expect.stringContaining(`process ${NO_PROCESS}); if none runs, \`rm ${file}\``),
  ]);
  const past = new Date(Date.now() - 61_000);
  utimesSync(file, past, past);
  await waiting;
  expect(entered).toBe(true);
});

test("a holder that is at work keeps its lock young", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const file = join(temporaryFolder(), "x.lock");
  await withLock(
    file,
    () => {},
    async () => {
      utimesSync(file, 0, 0);
      vi.advanceTimersByTime(10_000);
      expect(Date.now() - statSync(file).mtimeMs).toBeLessThan(5000);
      rmSync(file);
      vi.advanceTimersByTime(10_000);
    },
  );
  expect(vi.getTimerCount()).toBe(0);
});

test("a failing holder frees the lock", async () => {
  const file = join(temporaryFolder(), "x.lock");
  const fail = async () => {
    throw new Error("boom");
  };
  await expect(withLock(file, () => {}, fail)).rejects.toThrow("boom");
  expect(existsSync(file)).toBe(false);
});
