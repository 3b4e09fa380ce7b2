/** The part of Cloudflare's API that this plugin uses, by the official SDK, loaded at first use. */
import { cloudflareBaseUrl, cloudflareOptions } from "../cloudflare-api/client-options.ts";
import type { CloudflareClient } from "./sdk-client.ts";

/** Configuration of the provider by name. */
export type Config = { readonly [name: string]: string };

/** Base URL of the API that a configuration asks for. */
export function baseUrlOf(config: Config): string {
  return cloudflareBaseUrl(config.cloudflareBaseUrl);
}

/** What the plugin's definitions are given. */
export interface BulkheadClient {
  /** Cloudflare's SDK. From sources it takes 0.4 s to load, which a start must not wait for. */
  cloudflare(): Promise<CloudflareClient>;
}

/** Opens the client; what a resource does not use is neither loaded nor configured. */
export function connect(config: Config): BulkheadClient {
  let client: Promise<CloudflareClient> | undefined;
  return {
    cloudflare() {
      client ??= open(config);
      return client;
    },
  };
}

async function open(config: Config): Promise<CloudflareClient> {
  const options = cloudflareOptions("bulkhead", {
    apiToken: config.cloudflareApiToken,
    baseUrl: config.cloudflareBaseUrl,
  });
  const { openClient } = await import("./sdk-client.ts");
  return openClient(options);
}
