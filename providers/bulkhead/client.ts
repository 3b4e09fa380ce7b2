/** The part of Cloudflare's API that this plugin uses, by the official SDK, loaded at first use. */
import { cloudflareBaseUrl, cloudflareOptions } from "../cloudflare-api/client-options.ts";
import type { BulkheadClient } from "./sdk-client.ts";

/** Configuration of the provider by name. */
export type Config = { readonly [name: string]: string };

/** Base URL of the API that a configuration asks for. */
export function baseUrlOf(config: Config): string {
  return cloudflareBaseUrl(config.cloudflareBaseUrl);
}

/** Opens the client. From sources the SDK takes 0.4 s to load, which a start must not wait for. */
export async function connect(config: Config): Promise<BulkheadClient> {
  const options = cloudflareOptions("bulkhead", {
    apiToken: config.cloudflareApiToken,
    baseUrl: config.cloudflareBaseUrl,
  });
  const { openClient } = await import("./sdk-client.ts");
  return openClient(options);
}
