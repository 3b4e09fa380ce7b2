/** Puts what a refresh and the probes say of one resource together. Pure. */
import type { Difference } from "../finding.ts";

/**
 * The differences of both. Where a refresh sees other properties of a resource, and a probe knows that
 * its code or a secret was changed and by whom, that is one difference.
 */
export function merged(
  refreshed: readonly Difference[],
  probed: readonly Difference[],
): readonly Difference[] {
  const rest = [...probed];
  const both = refreshed.map((difference) => {
    if (difference.kind !== "changed") return difference;
    const at = indexFor(difference, rest);
    const [explained] = at === -1 ? [] : rest.splice(at, 1);
    if (explained === undefined) return difference;
    return {
      ...difference,
      kind: explained.kind,
      message: `${explained.message} ${difference.message}`,
      changes: [...difference.changes, ...explained.changes],
      trace: difference.trace ?? explained.trace,
      rules: [...new Set([...difference.rules, ...explained.rules])],
    };
  });
  return [...both, ...rest];
}

/** Code explains more than a secret does; what has a key of its own is beside what a refresh compares. */
function indexFor({ subject }: Difference, probed: readonly Difference[]): number {
  const of = (kind: Difference["kind"]) =>
    probed.findIndex(
      (each) => each.kind === kind && each.subject.urn === subject.urn && each.key === undefined,
    );
  const code = of("code");
  return code === -1 ? of("secret") : code;
}
