/** How every plugin here opens a Cloudflare client. */
import type { ClientOptions } from "cloudflare";
import { ProviderError } from "../sdk/fault.ts";

/** Cloudflare's public API. Source: https://developers.cloudflare.com/api/ */
export const CLOUDFLARE_API_URL = "https://api.cloudflare.com/client/v4";

/** Where the API is: the provider's configuration, else CLOUDFLARE_BASE_URL, else Cloudflare. */
export function cloudflareBaseUrl(configured: string | undefined): string {
  return configured || process.env.CLOUDFLARE_BASE_URL || CLOUDFLARE_API_URL;
}

/** Client options; throws {@link ProviderError} without a token. */
export function cloudflareOptions(
  provider: string,
  configured: { readonly apiToken: string | undefined; readonly baseUrl: string | undefined },
): ClientOptions {
  const apiToken = configured.apiToken || process.env.CLOUDFLARE_API_TOKEN;
  if (!apiToken)
    throw new ProviderError(
      `The ${provider} provider has no Cloudflare API token. Set CLOUDFLARE_API_TOKEN, or give the provider an apiToken.`,
    );
  return {
    apiToken,
    // The SDK would take those of the shell, which may be another account's, and send them as well.
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    baseURL: cloudflareBaseUrl(configured.baseUrl),
    // The plugin base repeats what may be repeated; the SDK would also repeat a creation, and conflicts.
    maxRetries: 0,
    // Stdout belongs to the plugin protocol, and the SDK's debug log quotes request bodies.
    logLevel: "off",
  };
}
