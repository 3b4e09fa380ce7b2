/** The vendor's SDK, with only the parts that this plugin uses, so that the bundle stays small. */
import { BaseDatabase } from "cloudflare/resources/d1/database/database";
import { BaseConfigs } from "cloudflare/resources/hyperdrive/configs";
import { BaseNamespaces } from "cloudflare/resources/kv/namespaces/namespaces";
import { BaseMTLSCertificates } from "cloudflare/resources/mtls-certificates/mtls-certificates";
import { BaseBuckets } from "cloudflare/resources/r2/buckets/buckets";
import { BaseCORS } from "cloudflare/resources/r2/buckets/cors";
import { BaseManaged } from "cloudflare/resources/r2/buckets/domains/managed";
import { BaseLifecycle } from "cloudflare/resources/r2/buckets/lifecycle";
import { BaseDomains } from "cloudflare/resources/workers/domains";
import { BaseRoutes } from "cloudflare/resources/workers/routes";
import { BaseContent } from "cloudflare/resources/workers/scripts/content";
import { BaseSchedules } from "cloudflare/resources/workers/scripts/schedules";
import { BaseScriptAndVersionSettings } from "cloudflare/resources/workers/scripts/script-and-version-settings";
import { BaseScripts } from "cloudflare/resources/workers/scripts/scripts";
import { BaseSubdomain } from "cloudflare/resources/workers/scripts/subdomain";
import { createClient } from "cloudflare/tree-shakable";
import { cloudflareOptions } from "../../../providers/cloudflare-api/client-options.ts";

/** Opens the client from the provider's configuration. */
export function connect(config: { readonly [name: string]: string }) {
  return createClient({
    ...cloudflareOptions("cloudflare", { apiToken: config.apiToken, baseUrl: config.baseUrl }),
    resources: [
      BaseDatabase,
      BaseConfigs,
      BaseNamespaces,
      BaseMTLSCertificates,
      BaseBuckets,
      BaseCORS,
      BaseLifecycle,
      BaseManaged,
      BaseDomains,
      BaseRoutes,
      BaseScripts,
      BaseContent,
      BaseSchedules,
      BaseScriptAndVersionSettings,
      BaseSubdomain,
    ],
  });
}

/** The client that every resource definition is given. */
export type CloudflareClient = ReturnType<typeof connect>;
