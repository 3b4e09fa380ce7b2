/** Which findings somebody has taken note of, and which notes count for nothing. */
import { daysUntil } from "../../policy/expiry.ts";
import type { Acknowledgement, Finding } from "../finding.ts";
import type { StackReport, StaleAcknowledgement } from "../report/report.ts";
import type { AcknowledgedEntry } from "../settings.ts";
import { isWhole } from "./whole.ts";

/** Who has acknowledged a finding, as long as it holds. @param today ISO date, UTC. */
export function acknowledgementsOf(
  entries: readonly AcknowledgedEntry[],
  today: string,
): (id: string) => Acknowledgement | undefined {
  const holding = entries.filter((entry) => !hasExpired(entry, today));
  const byFinding = new Map(holding.map((entry) => [entry.finding, entry]));
  return (id) => {
    const entry = byFinding.get(id);
    if (entry === undefined) return undefined;
    const { owner, reason, expires } = entry;
    return { owner, reason, expires };
  };
}

/** The finding, which says that its acknowledgement has expired where that is so. */
export function withExpiry(
  finding: Finding,
  entries: readonly AcknowledgedEntry[],
  today: string,
): Finding {
  const entry = entries.find((each) => each.finding === finding.id && hasExpired(each, today));
  if (entry === undefined || finding.acknowledged !== null) return finding;
  const said = `It was acknowledged by ${entry.owner} until ${entry.expires}, which has passed.`;
  return { ...finding, message: `${finding.message} ${said}` };
}

/**
 * Entries to take out or to renew. Of a stack that was not looked at completely nobody can tell whether
 * a finding has gone.
 *
 * @param skipped probes that the run has left out.
 */
export function staleAcknowledgements(
  entries: readonly AcknowledgedEntry[],
  stacks: readonly StackReport[],
  skipped: readonly string[],
  today: string,
): StaleAcknowledgement[] {
  const found = new Set(stacks.flatMap(({ findings }) => findings.map(({ id }) => id)));
  const whole = stacks.filter((stack) => isWhole(stack, skipped));
  return entries.flatMap((entry): StaleAcknowledgement[] => {
    const { finding, stack, owner, expires } = entry;
    const stale = { finding, stack, owner, expires };
    if (found.has(finding))
      return hasExpired(entry, today) ? [{ ...stale, because: "expired" }] : [];
    return whole.some((each) => isNamed(each.stack, stack))
      ? [{ ...stale, because: "unused" }]
      : [];
  });
}

/** Whether a stack's label, `project/stack`, is meant by its name. */
const isNamed = (label: string, name: string): boolean => label.split("/").at(-1) === name;

const hasExpired = ({ expires }: AcknowledgedEntry, today: string): boolean =>
  (daysUntil(expires, today) ?? -1) < 0;
