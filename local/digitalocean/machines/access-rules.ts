import type { AccessRule } from "../../engines/engines.ts";
import { formatRange, type Ipv4Range, intersection, parseRange } from "../../ipv4.ts";

/** Where the programs of this computer come from; they stand for the operator, who is let in always. */
const OPERATOR = "127.0.0.1/32";

/**
 * Who reaches the server: what its own rules let in, from where the firewalls let it through.
 * `sources` are CIDRs; undefined when no firewall is there.
 */
export function accessRules(
  rules: readonly AccessRule[],
  sources: readonly string[] | undefined,
): AccessRule[] {
  const through = sources?.flatMap((source) => parseRange(source) ?? []);
  return rules.flatMap((rule) => {
    const range = parseRange(rule.address);
    if (range === undefined) return [];
    const reached = through === undefined ? [range] : common(range, through);
    const addresses = new Set(reached.map(formatRange));
    // A rule that refuses others does not refuse the operator.
    if (rule.method !== "reject" || coversOperator(range)) addresses.add(OPERATOR);
    return [...addresses].map((address) => ({ ...rule, address }));
  });
}

const common = (range: Ipv4Range, through: readonly Ipv4Range[]): Ipv4Range[] =>
  through.flatMap((source) => intersection(range, source) ?? []);

function coversOperator(range: Ipv4Range): boolean {
  const operator = parseRange(OPERATOR);
  return operator !== undefined && intersection(range, operator) !== undefined;
}
