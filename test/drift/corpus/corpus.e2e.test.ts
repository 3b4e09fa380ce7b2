import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DriftReport, EXIT_CODES, type Verdict } from "../../../drift/report/report.ts";
import { openTestEstate, type TestEstate } from "../../support/estate.ts";
import type { DriftCase } from "./drift-case.ts";
import { HARMLESS } from "./harmless.ts";
import { DRIFTS } from "./index.ts";
import { misjudged } from "./judge.ts";
import { openVendors, type Stack, type Vendors } from "./vendors.ts";

/*
 * One estate with all systems, changed behind Pulumi's back by the vendors' own clients. The tests follow
 * each other: what one leaves, the next one would find.
 */

const SYSTEMS = ["qhub", "cutty", "agentverse", "instainstru", "handled"];
const STACKS: readonly Stack[] = ["staging", "production"];

let estate: TestEstate;

beforeAll(async () => {
  estate = openTestEstate(undefined, SYSTEMS);
  await up();
}, 900_000);
afterAll(() => estate.close());

/** Deploys both stacks, one after the other: each is compared with the other's state. */
async function up(...options: string[]): Promise<void> {
  for (const stack of STACKS) {
    const done = await estate.bulkhead("up", stack, "--yes", ...options);
    expect(done, done.output).toMatchObject({ exitCode: 0 });
  }
}

const open = async (): Promise<Readonly<Record<Stack, Vendors>>> => ({
  staging: await openVendors(estate, "staging"),
  production: await openVendors(estate, "production"),
});

/** Does what the cases say in every environment that they are for. */
async function apply(
  drifts: readonly DriftCase[],
  act: (drift: DriftCase, here: Vendors, other: Vendors) => Promise<unknown> | undefined,
): Promise<void> {
  const { staging, production } = await open();
  for (const drift of drifts) {
    if ("staging" in drift.on) await act(drift, staging, production);
    if ("production" in drift.on) await act(drift, production, staging);
  }
}

/** The report of a run over both stacks, which must have ended as it says. */
async function scan(verdict: Verdict): Promise<DriftReport> {
  const ran = await estate.bulkhead("drift", ...STACKS, "--json", "--parallel", "2");
  expect(ran.stdout, ran.stderr).toMatch(/^\{/);
  const report: DriftReport = JSON.parse(ran.stdout);
  const problems = report.stacks.flatMap((stack) => stack.problems);
  expect({ problems, verdict: report.verdict, exitCode: ran.exitCode }, ran.stderr).toEqual({
    problems: [],
    verdict,
    exitCode: EXIT_CODES[verdict],
  });
  return report;
}

const inBatch = (batch: DriftCase["batch"]): readonly DriftCase[] =>
  DRIFTS.filter((drift) => drift.batch === batch);

describe("what somebody does behind Pulumi's back", () => {
  it.each<[DriftCase["batch"], Verdict]>([
    [1, "isolation"],
    [2, "drift"],
  ])(
    "is all found and graded, and gone when it is restored (%i)",
    async (batch, verdict) => {
      const drifts = inBatch(batch);
      await apply(drifts, (drift, here, other) => drift.make(here, other));
      expect(misjudged(drifts, await scan(verdict))).toEqual([]);
      await up("--refresh");
      await apply(drifts, (drift, here) => drift.undo?.(here));
    },
    900_000,
  );

  it("is not what vendors, applications and users do all day, and the estate is clean", async () => {
    for (const vendors of Object.values(await open()))
      for (const { make } of HARMLESS) await make(vendors);
    const report = await scan("none");
    expect(report.summary.findings).toEqual({ critical: 0, high: 0, medium: 0, low: 0 });
    for (const { filtered } of report.stacks) {
      expect(new Set(filtered.map(({ rule }) => rule))).toEqual(
        new Set(["vendor-windows", "change-times"]),
      );
      for (const { before, after } of filtered) expect(before).not.toBe(after);
    }
  }, 600_000);

  it("is found where the vendor can only go forward, so that code must follow", async () => {
    const drifts = inBatch(3);
    await apply(drifts, (drift, here, other) => drift.make(here, other));
    expect(misjudged(drifts, await scan("drift"))).toEqual([]);
  }, 600_000);
});
