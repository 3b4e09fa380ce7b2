import { defineFunction } from "../sdk/definition.ts";
import type { BulkheadClient } from "./sdk-client.ts";

/** `bulkhead:cloudflare:getWorkersSubdomain`. Source: https://developers.cloudflare.com/api/resources/workers/subresources/subdomains/ */
export const getWorkersSubdomain = defineFunction<BulkheadClient>()({
  token: "bulkhead:cloudflare:getWorkersSubdomain",
  doc: "The account's subdomain of workers.dev.",
  args: { accountId: { type: "string", mode: "required", doc: "Account identifier tag." } },
  returns: {
    subdomain: {
      type: "string",
      mode: "output",
      doc: "SUBDOMAIN in `SCRIPT.SUBDOMAIN.workers.dev`.",
    },
  },
  async run(client, { accountId }) {
    const { subdomain } = await client.workers.subdomains.get({ account_id: accountId });
    return { subdomain };
  },
});
