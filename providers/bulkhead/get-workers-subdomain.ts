import { orMissing } from "../cloudflare-api/fault.ts";
import { defineFunction } from "../sdk/definition.ts";
import { VendorFault } from "../sdk/fault.ts";
import type { BulkheadClient } from "./client.ts";

const REMEDY =
  "Open Workers & Pages in the account's dashboard once, which makes one, or declare the Worker with `workersDev: false`.";

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
    const { workers } = await client.cloudflare();
    const found = await orMissing(workers.subdomains.get({ account_id: accountId }));
    // An account has none until somebody chooses one.
    if (found !== undefined) return { subdomain: found.subdomain };
    const message = `The account ${accountId} has no workers.dev subdomain`;
    throw new VendorFault("not-found", message, { remedy: REMEDY });
  },
});
