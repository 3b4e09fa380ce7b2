import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pauseAfter, Retries } from "../../local/retries.ts";

let lines: string[];
let isEnding: boolean;
let retries: Retries;
beforeEach(() => {
  lines = [];
  isEnding = false;
  retries = new Retries({
    log: (line) => lines.push(line),
    isEnding: () => isEnding,
    pauseMs: () => 5,
  });
});
afterEach(() => retries.close());

const what = "The cache";
/** Work that fails for these reasons in turn, and then succeeds. */
const failing = (...reasons: string[]) =>
  vi.fn(async () => {
    const reason = reasons.shift();
    if (reason !== undefined) throw new Error(reason);
  });
const REMEDY = "Remove the cause: it is tried again by itself, a minute later at the latest.";

test("the pause grows from a second to a minute", () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 2000].map(pauseAfter);
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000));
});

test("work is tried again until it succeeds, and each cause is told once with the remedy", async () => {
  const work = failing("The disk is full", "The disk is full", "No port.", "The disk is full");
  await retries.run("a", { what, work });
  expect(work).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(work).toHaveBeenCalledTimes(5));
  expect(lines).toEqual([
    `The cache cannot go on. The disk is full. ${REMEDY}`,
    `The cache cannot go on. No port. ${REMEDY}`,
    "The cache: what had failed is done.",
  ]);
  await sleep(20);
  expect(work).toHaveBeenCalledTimes(5);
});

test("work that succeeds is done once and leaves nothing in the log", async () => {
  const work = failing();
  await retries.run("a", { what, work });
  await sleep(20);
  expect(work).toHaveBeenCalledTimes(1);
  expect(lines).toEqual([]);
});

test("work that is asked for anew takes the place of what is waiting", async () => {
  const earlier = failing("Broken.", "Broken.");
  const later = failing();
  await retries.run("a", { what, work: earlier });
  await retries.run("a", { what, work: later });
  await sleep(20);
  expect([earlier.mock.calls.length, later.mock.calls.length]).toEqual([1, 1]);
});

test.each([
  ["its key is ended", () => retries.end("a")],
  ["the cloud is closed", () => retries.close()],
])("nothing is tried again when %s", async (_, end) => {
  const work = failing("Broken.", "Broken.");
  await retries.run("a", { what, work });
  end();
  await sleep(20);
  expect(work).toHaveBeenCalledTimes(1);
});

test("what fails because the cloud ends is neither told nor tried again", async () => {
  isEnding = true;
  const work = failing("The local cloud is stopping.");
  await retries.run("a", { what, work });
  await sleep(20);
  expect(work).toHaveBeenCalledTimes(1);
  expect(lines).toEqual([]);
});
