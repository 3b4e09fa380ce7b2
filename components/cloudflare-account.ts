import { Provider as CloudflareProvider } from "@pulumi/cloudflare/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { BulkheadProvider, getWorkersSubdomain } from "../providers/bulkhead/resources.ts";
import { accountVariables, variableSuffix } from "./account-variables.ts";
import { InputError } from "./input-error.ts";

/** One environment's account and the credential that reaches no other. */
export interface CloudflareCredentials {
  /** 32 hexadecimal digits. */
  readonly accountId: string;
  /** Kept as a Pulumi secret. */
  readonly apiToken: pulumi.Input<string>;
}

/** A Cloudflare account with the providers that act on it. */
export interface CloudflareAccount {
  readonly id: string;
  readonly cloudflare: CloudflareProvider;
  readonly bulkhead: BulkheadProvider;
  /**
   * The `<subdomain>` of `<script>.<subdomain>.workers.dev`. Asked for once and only when a Worker
   * needs it: an account that serves on its own domains may have none.
   */
  workersSubdomain(): pulumi.Output<string>;
}

/** What a stack's configuration says about its account. */
export interface ConfiguredCredentials {
  readonly accountId: string | undefined;
  readonly apiToken: pulumi.Output<string> | undefined;
}

/**
 * A stack's credentials: its own configuration, else the environment variables that carry its
 * name, else the unnamed ones.
 *
 * @throws InputError naming what is missing or malformed and how to set it; it never shows
 *   a token.
 */
export function cloudflareCredentials(
  stack: string,
  configured: ConfiguredCredentials,
  env: Readonly<Record<string, string | undefined>>,
): CloudflareCredentials {
  const suffix = variableSuffix(stack);
  const fromEnv = accountVariables(stack, env);

  const accountId = configured.accountId || fromEnv.accountId;
  if (!accountId) {
    throw new InputError(
      `The stack ${stack} has no Cloudflare account. Export CLOUDFLARE_ACCOUNT_ID_${suffix} ` +
        '(on the local cloud: eval "$(npx bulkhead local env)") or run ' +
        `pulumi config set bulkhead:cloudflareAccountId <id> --stack ${stack}`,
    );
  }
  if (!/^[0-9a-f]{32}$/.test(accountId)) {
    throw new InputError(
      `The Cloudflare account id of the stack ${stack}, "${accountId}", is not 32 hexadecimal ` +
        "digits. Copy it from the account's overview in the Cloudflare dashboard.",
    );
  }
  const apiToken = configured.apiToken ?? fromEnv.apiToken;
  if (!apiToken) {
    throw new InputError(
      `The stack ${stack} has no Cloudflare API token. Export CLOUDFLARE_API_TOKEN_${suffix} ` +
        '(on the local cloud: eval "$(npx bulkhead local env)") or run ' +
        `pulumi config set --secret cloudflare:apiToken --stack ${stack}`,
    );
  }
  return { accountId, apiToken };
}

/** Declares the providers of one account. Call it once per stack. */
export function connectCloudflareAccount(credentials: CloudflareCredentials): CloudflareAccount {
  const { accountId } = credentials;
  const apiToken = pulumi.secret(credentials.apiToken);
  const cloudflare = new CloudflareProvider("cloudflare", { apiToken });
  const bulkhead = new BulkheadProvider("bulkhead", { cloudflareApiToken: apiToken });
  let subdomain: pulumi.Output<string> | undefined;
  const workersSubdomain = () => {
    subdomain ??= getWorkersSubdomain({ accountId }, { provider: bulkhead }).apply(
      (answer) => answer.subdomain,
    );
    return subdomain;
  };
  return { id: accountId, cloudflare, bulkhead, workersSubdomain };
}
