import { expect, test } from "vitest";
import { SetupError } from "../../tools/bootstrap/failure.mjs";
import { nodeStep } from "../../tools/bootstrap/node.mjs";
import { bootstrap, duration, type Step } from "../../tools/bootstrap/run.mjs";
import { machine } from "./support.ts";

function stepThatRunsOnce(): Step & { runs: number } {
  const step = {
    title: "thing",
    runs: 0,
    pending: () => (step.runs === 0 ? "it is missing" : null),
    run: async () => {
      step.runs += 1;
    },
    summary: () => "thing 1.0",
  };
  return step;
}

test("a pending step runs, and says why and how long it took", async () => {
  const context = machine();
  expect(await bootstrap(context, [stepThatRunsOnce()])).toEqual(["thing"]);
  expect(context.lines[0]).toBe("thing: it is missing");
  expect(context.lines[1]).toMatch(/^thing: done in \d+ ms$/);
});

test("a second run does nothing and says so in one line", async () => {
  const step = stepThatRunsOnce();
  await bootstrap(machine(), [step]);
  const context = machine();
  expect(await bootstrap(context, [step])).toEqual([]);
  expect(step.runs).toBe(1);
  expect(context.lines).toHaveLength(1);
  expect(context.lines[0]).toMatch(/^ready in \d+ ms \(thing 1\.0\)$/);
});

test("a step that runs without reaching its goal is a failure, not a success", async () => {
  const step = { ...stepThatRunsOnce(), pending: () => "still missing", run: async () => {} };
  await expect(bootstrap(machine(), [step])).rejects.toThrow(
    /"thing" ran but is still not done: still missing/,
  );
});

test("an old Node and an unknown platform are named, each with its remedy", () => {
  const old = machine(undefined, { nodeVersion: "16.20.2" });
  expect(() => nodeStep.pending(old)).toThrow(/Node\.js 16\.20\.2 is too old.*nvm install 22/);
  const strange = machine(undefined, { platform: "sunos", arch: "sparc" });
  expect(() => nodeStep.pending(strange)).toThrow(SetupError);
  expect(() => nodeStep.pending(strange)).toThrow(/sunos-sparc.*linux-x64/);
});

test("durations are readable", () => {
  expect([12.4, 3400, 185_200].map(duration)).toEqual(["12 ms", "3.4 s", "3 min 5 s"]);
});
