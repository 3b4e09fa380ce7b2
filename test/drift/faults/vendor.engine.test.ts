import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { TestEstate } from "../../support/estate.ts";
import {
  expectClean,
  expectSound,
  HARMED,
  look,
  onlyProblem,
  openDriftEstate,
  withProvider,
} from "./drifting.ts";
import { type Fault, openFaultyVendor } from "./faulty-vendor.ts";

/* The provider of the harmed stack is led elsewhere, which the program does not know. */
const WITHOUT_PROGRAM = ["--skip", "program"];

let estate: TestEstate;
beforeAll(async () => {
  estate = await openDriftEstate();
});
afterAll(() => estate.close());

/** Looks at both stacks while the vendor of one has a fault. */
async function lookThrough(fault: Fault, delayMs = 0, ...flags: string[]) {
  const vendor = await openFaultyVendor((await estate.cloud()).apiUrl, fault, delayMs);
  onTestFinished(vendor.close);
  const found = await withProvider(estate, { baseUrl: vendor.url }, () =>
    look(estate, ...WITHOUT_PROGRAM, ...flags),
  );
  return { ...found, asked: vendor.asked() };
}

describe("the vendor of one stack", () => {
  it("that works is asked, and nothing is wrong: the control of those below", async () => {
    const found = await lookThrough(() => "pass");
    expectClean(found);
    expect(found.asked).toBeGreaterThan(4);
  });

  it("that cannot be reached makes that stack unreadable, says where, and hides no other", async () => {
    const found = await withProvider(estate, { baseUrl: "http://127.0.0.1:9/client/v4" }, () =>
      look(estate, ...WITHOUT_PROGRAM),
    );
    expect(onlyProblem(found)).toMatch(
      /http:\/\/127\.0\.0\.1:9.*does not answer\..*Check the network/,
    );
    expect(found.of(HARMED)?.status).toBe("unreadable");
  });

  it("that takes a connection and never answers is given up when the stack's time is over", async () => {
    const found = await lookThrough(() => "silent", 0, "--timeout", "20s");
    expect(onlyProblem(found)).toMatch(/not looked at within 20 s.*--timeout/);
  });

  it("that is slow is waited for", async () => {
    expectClean(await lookThrough(() => "pass", 700));
  });

  it.each([500, 429])("that answers %i for a while is asked again", async (status) => {
    const found = await lookThrough((earlier) => (earlier < 6 ? { status } : "pass"));
    expectClean(found);
    expect(found.asked).toBeGreaterThan(6);
  });

  it.each([
    [500, /Internal error.*vendor's status/],
    [429, /Rate limited.*Run again later, or look at fewer stacks at once with --parallel/],
  ])("that answers nothing but %i makes that stack unreadable", async (status, words) => {
    const found = await lookThrough(() => ({ status }));
    expect(onlyProblem(found)).toMatch(words);
  });

  it("that fails half-way leaves no half a report of that stack", async () => {
    const found = await lookThrough((earlier) => (earlier < 3 ? "pass" : { status: 500 }));
    expect(found.exitCode, found.output).toBe(1);
    expect(found.of(HARMED)?.problems).not.toEqual([]);
    expect(found.of(HARMED)?.findings).toEqual([]);
    expectSound(found);
  });

  it("that refuses the credentials is told as such: what they are, and how to record new ones", async () => {
    const found = await withProvider(
      estate,
      { apiToken: "revoked-revoked-revoked-revoked-revoked1" },
      () => look(estate, ...WITHOUT_PROGRAM),
    );
    const said = onlyProblem(found);
    expect(said).toMatch(/Authentication error.*credentials.*rotated or have expired/);
    expect(said).toContain(`npx bulkhead up ${HARMED}`);
    expect(found.output).not.toContain("revoked-revoked");
  });
});

describe("the local cloud", () => {
  it("that is killed in the middle makes a run fail that could not tell, and the next one starts it", async () => {
    const vendor = await openFaultyVendor((await estate.cloud()).apiUrl, () => "pass", 300);
    onTestFinished(vendor.close);
    const found = await withProvider(estate, { baseUrl: vendor.url }, async () => {
      const running = look(estate, ...WITHOUT_PROGRAM);
      const { pid } = await estate.cloud();
      await waitUntilAsked(vendor.asked);
      process.kill(pid, "SIGKILL");
      return running;
    });
    expect(found.exitCode, found.output).toBe(1);
    expect(
      found
        .of(HARMED)
        ?.problems.map(({ message }) => message)
        .join(),
    ).toMatch(/Check|run again/);
    expect(found.of(HARMED)?.findings).toEqual([]);
    expectClean(await look(estate, ...WITHOUT_PROGRAM));
  });
});

async function waitUntilAsked(asked: () => number): Promise<void> {
  while (asked() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
}
