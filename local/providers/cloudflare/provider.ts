/** The `cloudflare` provider for the local cloud: the official package's resources, over the official SDK. */
import { cloudflareBaseUrl } from "../../../providers/cloudflare-api/client-options.ts";
import { cloudflareFault } from "../../../providers/cloudflare-api/fault.ts";
import type { ProviderDefinition } from "../../../providers/sdk/definition.ts";
import { type CloudflareClient, connect } from "./client.ts";
import { d1Database } from "./resources/d1-database.ts";
import { hyperdriveConfig } from "./resources/hyperdrive-config.ts";
import { mtlsCertificate } from "./resources/mtls-certificate.ts";
import { r2Bucket } from "./resources/r2-bucket.ts";
import { r2BucketCors } from "./resources/r2-bucket-cors.ts";
import { r2BucketLifecycle } from "./resources/r2-bucket-lifecycle.ts";
import { r2ManagedDomain } from "./resources/r2-managed-domain.ts";
import { workersCronTrigger } from "./resources/workers-cron-trigger.ts";
import { workersCustomDomain } from "./resources/workers-custom-domain.ts";
import { workersKvNamespace } from "./resources/workers-kv-namespace.ts";
import { workersRoute } from "./resources/workers-route.ts";
import { workersScript } from "./resources/workers-script.ts";
import { workersScriptSubdomain } from "./resources/workers-script-subdomain.ts";

/** The provider at the version of the installed npm package, so that programs find it. */
export function cloudflareProvider(version: string): ProviderDefinition<CloudflareClient> {
  return {
    name: "cloudflare",
    version,
    doc: "Cloudflare, as far as Bulkhead's local cloud serves it.",
    npmPackage: "@pulumi/cloudflare",
    config: {
      apiToken: {
        type: "string",
        mode: "optional",
        secret: true,
        doc: "The API token; else CLOUDFLARE_API_TOKEN.",
      },
      baseUrl: {
        type: "string",
        mode: "optional",
        doc: "Base URL of the API; else CLOUDFLARE_BASE_URL.",
      },
    },
    resources: [
      d1Database,
      hyperdriveConfig,
      mtlsCertificate,
      r2Bucket,
      r2BucketCors,
      r2BucketLifecycle,
      r2ManagedDomain,
      workersCronTrigger,
      workersCustomDomain,
      workersKvNamespace,
      workersRoute,
      workersScript,
      workersScriptSubdomain,
    ],
    functions: [],
    connect,
    endpoint: (config) => cloudflareBaseUrl(config.baseUrl),
    toFault: (error, config) => cloudflareFault(error, cloudflareBaseUrl(config.baseUrl)),
  };
}
