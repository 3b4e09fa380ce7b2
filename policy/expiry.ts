/** Until when an exception holds. Every exception ends, so that somebody looks at it again. */

/** Days. Longer and nobody remembers why. */
const LONGEST_EXCEPTION = 366;

const DAY = 86_400_000;

/**
 * What is wrong with an exception's last day; each completes the sentence "The entry …".
 *
 * @param expires as it was written; empty: it was left out.
 * @param today ISO date, UTC.
 */
export function expiryProblems(expires: string, today: string): string[] {
  if (expires === "") return ["has no expires"];
  const days = daysUntil(expires, today);
  if (days === undefined) return [`expires on "${expires}", which is no date like 2026-03-31`];
  if (days < 0) return [`has expired on ${expires}`];
  return days > LONGEST_EXCEPTION ? [`expires on ${expires}, more than a year ahead`] : [];
}

/** Days from one ISO date to another; negative for one that has passed; undefined for no date. */
export function daysUntil(date: string, today: string): number | undefined {
  const end = isoDay(date);
  return end === undefined ? undefined : (end - (isoDay(today) ?? Number.NaN)) / DAY;
}

/** Milliseconds; undefined for a text that is no day of the calendar. */
function isoDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(text);
  // Date turns 30 February into 2 March.
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(text) ? undefined : time;
}
