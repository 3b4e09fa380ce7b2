type Env = Readonly<Record<string, string | undefined>>;

/** An account and its token, as far as the environment names them. */
export interface AccountVariables {
  readonly accountId: string | undefined;
  readonly apiToken: string | undefined;
}

/** The stack's part of a variable's name: `pr-123` → `PR_123`. */
export const variableSuffix = (stack: string): string =>
  stack.toUpperCase().replace(/[^A-Z0-9]/g, "_");

/** Names the one stack that the variables without a stack's name are for; `local env STACK` sets it. */
export const UNNAMED_ACCOUNT_STACK = "BULKHEAD_UNNAMED_ACCOUNT_STACK";

/**
 * The account of a stack by `CLOUDFLARE_ACCOUNT_ID_<STACK>` and `CLOUDFLARE_API_TOKEN_<STACK>`, else
 * by the names without the stack. Both come from the same pair: one environment's account with
 * another's token is never meant. In a shell whose unnamed pair is known to be another stack's, there
 * is no fall-back: a new stack would otherwise land in that environment's account.
 */
export function accountVariables(stack: string, env: Env): AccountVariables {
  const pair = (suffix: string): AccountVariables => ({
    accountId: env[`CLOUDFLARE_ACCOUNT_ID${suffix}`] || undefined,
    apiToken: env[`CLOUDFLARE_API_TOKEN${suffix}`] || undefined,
  });
  const own = pair(`_${variableSuffix(stack)}`);
  if (own.accountId || own.apiToken) return own;
  const holder = env[UNNAMED_ACCOUNT_STACK];
  return holder && holder !== stack ? { accountId: undefined, apiToken: undefined } : pair("");
}
