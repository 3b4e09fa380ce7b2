import { isTier, type Tier, tiersSpelledBy } from "../components/tier.ts";
import type { FactValue } from "../isolation/facts.ts";

/**
 * A stack's tier: as its configuration or its outputs declare it, else as its name spells it. A name
 * that spells production makes it production whatever is declared, so that a slip there cannot
 * switch rules off.
 */
export function tierOf(stack: string, declared: FactValue | undefined): Tier {
  const spelled = tiersSpelledBy(stack);
  if (spelled.includes("production")) return "production";
  if (typeof declared === "string" && isTier(declared)) return declared;
  return spelled[0] ?? "preview";
}
