/** An estate of two stacks of one small system, of which a test harms one. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { DriftReport, StackReport } from "../../../drift/report/report.ts";
import { type CommandResult, openTestEstate, type TestEstate } from "../../support/estate.ts";

/** The stack that is harmed, and the one beside it that nothing may happen to. */
export const HARMED = "dev";
export const SOUND = "staging";

/** Both stacks, deployed. */
export async function openDriftEstate(): Promise<TestEstate> {
  const estate = openTestEstate(undefined, ["cutty"]);
  for (const stack of [HARMED, SOUND]) {
    const up = await estate.bulkhead("up", stack, "--yes");
    expect(up.exitCode, up.output).toBe(0);
  }
  return estate;
}

/** A run of `drift` with what it has found. */
export interface Look extends CommandResult {
  readonly report: DriftReport;
  readonly of: (stack: string) => StackReport | undefined;
}

/** Looks at the two stacks. */
export const look = async (estate: TestEstate, ...flags: string[]): Promise<Look> =>
  toLook(await estate.bulkhead("drift", HARMED, SOUND, "--json", ...flags));

/** @throws for a run that has printed no report. */
export function toLook(result: CommandResult): Look {
  expect(result.stdout, result.output).toMatch(/^\{/);
  const report = JSON.parse(result.stdout) as DriftReport;
  return {
    ...result,
    report,
    of: (stack) => report.stacks.find((each) => each.stack === `bulkhead/${stack}`),
  };
}

/** The one problem of the harmed stack; the other was looked at as ever, and the run did not pass. */
export function onlyProblem(found: Look): string {
  expect(found.exitCode, found.output).toBe(1);
  expect(found.report.verdict).toBe("incomplete");
  expectSound(found);
  const problems = found.of(HARMED)?.problems ?? [];
  expect(problems, found.output).toHaveLength(1);
  return problems[0]?.message ?? "";
}

/** Nothing is wrong with the stack beside the harmed one. */
export function expectSound(found: Look): void {
  const { status, problems, findings } = found.of(SOUND) ?? {};
  expect({ status, problems, findings }, found.output).toEqual({
    status: "scanned",
    problems: [],
    findings: [],
  });
}

/** Nothing is wrong with any. */
export function expectClean(found: Look): void {
  expect(found.exitCode, found.output).toBe(0);
  expect(found.report.summary.incomplete).toBe(0);
  expect(found.of(HARMED)?.status).toBe("scanned");
  expectSound(found);
}

/** A stack's file in the backend. */
export const stateFile = ({ stateDir }: TestEstate, stack = HARMED): string =>
  join(stateDir, "pulumi/backend/.pulumi/stacks/bulkhead", `${stack}.json`);

interface StateDocument {
  version: number;
  checkpoint: {
    latest: {
      resources: { type: string; urn: string; inputs?: object; outputs?: object }[];
      pending_operations?: { type: string; resource: object }[];
    };
  };
}

/** Changes the harmed stack's state for the time of some work. */
export async function withState<T>(
  estate: TestEstate,
  change: (state: StateDocument) => void,
  work: () => Promise<T>,
): Promise<T> {
  const file = stateFile(estate);
  const text = readFileSync(file, "utf8");
  const state = JSON.parse(text) as StateDocument;
  change(state);
  writeFileSync(file, JSON.stringify(state));
  try {
    return await work();
  } finally {
    writeFileSync(file, text);
  }
}

/** Gives the harmed stack's Cloudflare provider other properties than it was deployed with. */
export const withProvider = <T>(
  estate: TestEstate,
  properties: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> =>
  withState(
    estate,
    ({ checkpoint }) => {
      for (const resource of checkpoint.latest.resources) {
        if (resource.type !== "pulumi:providers:cloudflare") continue;
        resource.inputs = { ...resource.inputs, ...properties };
        resource.outputs = { ...resource.outputs, ...properties };
      }
    },
    work,
  );

export async function waitFor(what: string, reached: () => boolean | Promise<boolean>) {
  const deadline = Date.now() + 120_000;
  while (!(await reached())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come about.`);
    await sleep(20);
  }
}
