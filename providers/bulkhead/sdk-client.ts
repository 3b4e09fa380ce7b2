/** Cloudflare's SDK with only the parts that this plugin uses, so that its bundle stays small. */
import type { ClientOptions } from "cloudflare";
import { BaseDatabase } from "cloudflare/resources/d1/database/database";
import { BaseSubdomains } from "cloudflare/resources/workers/subdomains";
import { createClient } from "cloudflare/tree-shakable";

/** Opens the client. */
export function openClient(options: ClientOptions) {
  return createClient({ ...options, resources: [BaseDatabase, BaseSubdomains] });
}

/** Cloudflare's SDK as this plugin loads it. */
export type CloudflareClient = ReturnType<typeof openClient>;
