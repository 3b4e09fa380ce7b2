import { expect, test } from "vitest";
import { countVitest, summaryLine } from "../../tools/test-summary.ts";

const report = (
  passed: number,
  failed: number,
  files: { status: string; tests: string[] }[] = [],
) =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    testResults: files.map(({ status, tests }) => ({
      status,
      assertionResults: tests.map((result) => ({ status: result })),
    })),
  });

test("the counts are vitest's own", () => {
  expect(countVitest(report(7, 2), false)).toEqual({ passed: 7, failed: 2 });
  expect(summaryLine({ passed: 7, failed: 2 })).toBe("7 passed, 2 failed");
});

test("a run without a test is a failure (T38)", () => {
  expect(countVitest(report(0, 0), true)).toEqual({ passed: 0, failed: 1 });
});

test("a run without a readable report is a failure", () => {
  for (const text of [undefined, "", "{}", "{"]) {
    expect(countVitest(text, true)).toEqual({ passed: 0, failed: 1 });
  }
});

test("a file that cannot be loaded is a failure, beside those of the tests", () => {
  const files = [
    { status: "failed", tests: [] },
    { status: "failed", tests: ["passed", "failed"] },
    { status: "passed", tests: ["passed"] },
  ];
  expect(countVitest(report(2, 1, files), false)).toEqual({ passed: 2, failed: 2 });
});

test("a run that ends badly without a failed test, such as by an unhandled error, is a failure", () => {
  expect(countVitest(report(3, 0), false)).toEqual({ passed: 3, failed: 1 });
});
