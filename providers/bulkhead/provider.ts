/** The `bulkhead` provider: what the vendors' packages lack, on the real vendors and on the local cloud alike. */
import { cloudflareFault } from "../cloudflare-api/fault.ts";
import type { ProviderDefinition } from "../sdk/definition.ts";
import type { BulkheadClient } from "./client.ts";
import { baseUrlOf, connect } from "./client.ts";
import { d1Migrations } from "./d1-migrations.ts";
import { getWorkersSubdomain } from "./get-workers-subdomain.ts";
import { postgresDatabase } from "./postgres/database.ts";
import { serverCertificate } from "./tls/certificate.ts";

/** The provider's definition. */
export const bulkheadProvider: ProviderDefinition<BulkheadClient> = {
  name: "bulkhead",
  version: "0.1.0",
  doc: "What the vendors' packages lack: database migrations and look-ups.",
  npmPackage: "bulkhead",
  config: {
    cloudflareApiToken: {
      type: "string",
      mode: "optional",
      secret: true,
      doc: "The Cloudflare API token; else CLOUDFLARE_API_TOKEN.",
    },
    cloudflareBaseUrl: {
      type: "string",
      mode: "optional",
      doc: "Base URL of the Cloudflare API; else CLOUDFLARE_BASE_URL.",
    },
  },
  resources: [d1Migrations, postgresDatabase, serverCertificate],
  functions: [getWorkersSubdomain],
  connect,
  endpoint: baseUrlOf,
  toFault: (error, config) => cloudflareFault(error, baseUrlOf(config)),
};
