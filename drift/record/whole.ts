import type { StackReport } from "../report/report.ts";

/**
 * Whether everything of a stack was looked at, so that a finding which is not there is gone.
 *
 * @param skipped probes that the run has left out.
 */
export const isWhole = (
  { status, problems }: Pick<StackReport, "status" | "problems">,
  skipped: readonly string[],
): boolean => status !== "unreadable" && problems.length === 0 && skipped.length === 0;
