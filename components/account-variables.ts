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
 * What a stack's shell says under `names`, by `<NAME>_<STACK>`, else by the names without the stack.
 * All come from the same set: one environment's account with another's token is never meant. In a
 * shell whose unnamed set is known to be another stack's, there is no fall-back: a new stack would
 * otherwise land in that environment's account.
 */
export function stackVariables<const N extends string>(
  stack: string,
  env: Env,
  names: readonly N[],
): { readonly [K in N]: string | undefined } {
  const own = valuesOf(names, (name) => env[`${name}_${variableSuffix(stack)}`]);
  if (Object.values(own).some((value) => value !== undefined)) return own;
  const holder = env[UNNAMED_ACCOUNT_STACK];
  const isForeign = holder !== undefined && holder !== "" && holder !== stack;
  return valuesOf(names, (name) => (isForeign ? undefined : env[name]));
}

function valuesOf<const N extends string>(
  names: readonly N[],
  read: (name: N) => string | undefined,
): { readonly [K in N]: string | undefined } {
  const entries = names.map((name) => [name, read(name) || undefined]);
  return Object.fromEntries(entries) as { readonly [K in N]: string | undefined };
}

/** The Cloudflare account of a stack. */
export function accountVariables(stack: string, env: Env): AccountVariables {
  const found = stackVariables(stack, env, ["CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN"]);
  return { accountId: found.CLOUDFLARE_ACCOUNT_ID, apiToken: found.CLOUDFLARE_API_TOKEN };
}
