import { z } from "zod";

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** What is read of vitest's JSON report. */
const reportSchema = z.object({
  numPassedTests: z.number().int(),
  numFailedTests: z.number().int(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

/**
 * The counts of a run. A file that could not be loaded counts as one failure, and so does a run
 * without a report, without a single test, or that ended badly for a reason that no test names.
 *
 * @param report Text of the report; undefined when there is none.
 * @param endedWell Whether vitest ended with exit code 0.
 */
export function countVitest(report: string | undefined, endedWell: boolean): Count {
  const parsed = reportSchema.safeParse(parseJson(report));
  if (!parsed.success) return { passed: 0, failed: 1 };
  const { numPassedTests: passed, numFailedTests, testResults } = parsed.data;
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((result) => result.status === "failed"),
  ).length;
  const failed = numFailedTests + brokenFiles;
  const nothingRan = passed + failed === 0;
  return { passed, failed: failed === 0 && (nothingRan || !endedWell) ? 1 : failed };
}

/** The plain last line of a test run. */
export const summaryLine = ({ passed, failed }: Count): string =>
  `${passed} passed, ${failed} failed`;

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
