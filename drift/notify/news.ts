/** What a target is to be told of a run: only what has changed since it was last told. */
import { atLeast, type Finding } from "../finding.ts";
import { type Known, turnOf } from "../record/known.ts";
import type { RunRecord, StackRecord } from "../record/run-record.ts";
import type { DriftReport, StackReport } from "../report/report.ts";
import { OCCASIONS, type Occasion, type Target } from "./settings.ts";

/** What is new about a stack. */
export interface StackNews {
  readonly stack: StackReport;
  /** Findings that nobody has acknowledged, and of which the target does not know; worst first. */
  readonly appeared: readonly Finding[];
  /** Ids of those that it knows of, and that are gone. */
  readonly gone: readonly string[];
  /** All that is open now and bad enough for the target. */
  readonly open: readonly Finding[];
  /** Whether everything of the stack was looked at, so that nothing open is missing in `open`. */
  readonly whole: boolean;
  /** What has happened, of what the target wants to know. */
  readonly occasions: readonly Occasion[];
}

/**
 * What a target is to be told; empty: nothing.
 *
 * @param known what the target knows already.
 */
export const newsFor = (
  target: Target,
  report: DriftReport,
  record: RunRecord,
  known: Known,
): StackNews[] =>
  report.stacks
    .filter(({ stack }) => target.stacks?.includes(stack.split("/").at(-1) ?? stack) ?? true)
    .flatMap((stack) => {
      const recorded = record.stacks.find((each) => each.stack === stack.stack);
      return recorded === undefined ? [] : stackNews(target, stack, recorded, known);
    });

function stackNews(
  target: Target,
  stack: StackReport,
  recorded: StackRecord,
  known: Known,
): StackNews[] {
  const turn = turnOf(recorded, known);
  const before = known.get(stack.stack)?.problems ?? [];
  const appearedIds = new Set(turn.appeared.map(({ id }) => id));
  const gone = turn.gone.filter(({ grade }) => atLeast(grade, target.grade)).map(({ id }) => id);
  const open = stack.findings.filter(
    ({ acknowledged, grade }) => acknowledged === null && atLeast(grade, target.grade),
  );
  const appeared = open.filter(({ id }) => appearedIds.has(id));
  const isOccasion: Readonly<Record<Occasion, boolean>> = {
    new: appeared.length > 0,
    recovery: recorded.whole && open.length === 0 && (gone.length > 0 || before.length > 0),
    incomplete: recorded.problems.length > 0 && recorded.problems.join() !== before.join(),
  };
  const occasions = (target.on ?? OCCASIONS).filter((each) => isOccasion[each]);
  // An issue follows the findings: it is also out of date when some of them have gone or are acknowledged.
  const isOutdated =
    target.github !== undefined &&
    (gone.length + turn.acknowledged.length > 0 || recorded.problems.join() !== before.join());
  if (occasions.length === 0 && !isOutdated) return [];
  return [{ stack, appeared, gone, open, whole: recorded.whole, occasions }];
}
