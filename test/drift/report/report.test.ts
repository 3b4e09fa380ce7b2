import { describe, expect, it, test } from "vitest";
import { GRADES } from "../../../drift/finding.ts";
import { EXIT_CODES } from "../../../drift/report/report.ts";
import {
  acknowledged,
  reportOf,
  sampleFinding,
  sampleReport,
  sampleStack,
} from "./sample-report.ts";

const exitCode = (...stacks: Parameters<typeof reportOf>) =>
  EXIT_CODES[reportOf(...stacks).verdict];
const with_ = (...findings: Parameters<typeof sampleFinding>[0][]) =>
  sampleStack({ findings: findings.map((each) => sampleFinding(each)) });
const problem = sampleStack({
  status: "unreadable",
  problems: [{ part: "refresh", message: "No. Wait." }],
});

describe("the exit code", () => {
  it("is 0 without findings, and where nothing is deployed", () => {
    expect(exitCode([])).toBe(0);
    expect(exitCode([sampleStack(), sampleStack({ status: "empty" })])).toBe(0);
  });

  it("is 2 with a finding of any grade below critical", () => {
    for (const grade of GRADES.slice(1)) expect(exitCode([with_({ grade })])).toBe(2);
  });

  it("is 3 when the isolation is broken, also when something could not be looked at", () => {
    expect(exitCode([with_({ grade: "critical" })])).toBe(3);
    expect(exitCode([with_({ grade: "critical" }), problem])).toBe(3);
  });

  it("is 1, and never 0, when something could not be looked at", () => {
    expect(exitCode([problem])).toBe(1);
    expect(exitCode([sampleStack(), problem])).toBe(1);
    expect(exitCode([with_({ grade: "high" }), problem])).toBe(1);
    expect(exitCode([sampleStack({ problems: problem.problems })], "critical")).toBe(1);
  });

  it("leaves out what is below --fail-on, and never a broken isolation", () => {
    expect(exitCode([with_({ grade: "low" })], "medium")).toBe(0);
    expect(exitCode([with_({ grade: "medium" })], "medium")).toBe(2);
    expect(exitCode([with_({ grade: "high" })], "critical")).toBe(0);
    expect(exitCode([with_({ grade: "critical" })], "critical")).toBe(3);
  });

  it("leaves out what somebody has acknowledged", () => {
    expect(exitCode([with_({ grade: "high", acknowledged })])).toBe(0);
    expect(exitCode([with_({ grade: "critical", acknowledged })])).toBe(0);
    expect(exitCode([with_({ grade: "critical", acknowledged }, { grade: "low" })])).toBe(2);
  });
});

test("the document counts what is in it, acknowledged findings by themselves", () => {
  expect(sampleReport()).toMatchObject({
    version: 1,
    verdict: "isolation",
    summary: {
      stacks: 4,
      incomplete: 2,
      resources: 24,
      findings: { critical: 1, high: 0, medium: 1, low: 0 },
      acknowledged: 1,
      filtered: 1,
    },
  });
});
