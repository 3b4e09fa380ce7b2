import { InputError } from "./input-error.ts";
import { tokensOf } from "./naming.ts";

/** How much an environment matters; decides the defaults of protection. */
export type Tier = "development" | "staging" | "production" | "preview";

const SPELLINGS: Readonly<Record<Tier, readonly string[]>> = {
  development: ["development", "dev"],
  staging: ["staging", "stage", "stg"],
  production: ["production", "prod"],
  preview: ["preview", "pr"],
};

export const TIERS = Object.keys(SPELLINGS) as readonly Tier[];

/** The tiers that a stack's name spells as a whole token: `eu-prod` has production, `reproduction` none. */
export function tiersSpelledBy(stack: string): Tier[] {
  const tokens = new Set(tokensOf(stack));
  return TIERS.filter((tier) => SPELLINGS[tier].some((word) => tokens.has(word)));
}

export function isTier(text: string): text is Tier {
  return Object.hasOwn(SPELLINGS, text);
}

/**
 * The tier that a stack's name spells. A name that spells none is a preview.
 *
 * @throws InputError when the name spells several (`api-staging-production`): guessing there could
 *   leave production unprotected.
 */
export function tierOfStackName(stack: string): Tier {
  const spelled = tiersSpelledBy(stack);
  if (spelled.length > 1) {
    throw new InputError(
      `The stack name ${stack} spells more than one tier (${spelled.join(", ")}). ` +
        `Say which one it is: pulumi config set bulkhead:tier ${spelled[0]} --stack ${stack}`,
    );
  }
  return spelled[0] ?? "preview";
}
