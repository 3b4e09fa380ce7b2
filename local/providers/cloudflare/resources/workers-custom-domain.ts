import type { DomainGetResponse, DomainUpdateParams } from "cloudflare/resources/workers/domains";
import { orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import { present } from "../../present.ts";
import { accountOf, splitId } from "../ids.ts";
import { accountId, define } from "./shared.ts";

/** `cloudflare.WorkersCustomDomain`. Source: https://developers.cloudflare.com/api/resources/workers/subresources/domains/ */
export const workersCustomDomain = define({
  token: "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
  title: "Worker custom domain",
  doc: "A hostname that a Worker answers. https://developers.cloudflare.com/workers/configuration/routing/custom-domains/",
  identity: ["accountId", "hostname"],
  importFormat: "<account_id>/<domain_id>",
  properties: {
    accountId,
    hostname: {
      type: "string",
      mode: "required",
      replace: true,
      doc: "Hostname of the Worker Domain.",
    },
    service: { type: "string", mode: "required", doc: "Worker service bound to the hostname." },
    zoneId: { type: "string", mode: "inherited", replace: true, doc: "ID of the zone." },
    zoneName: { type: "string", mode: "inherited", replace: true, doc: "Name of the zone." },
    environment: {
      type: "string",
      mode: "inherited",
      replace: true,
      doc: "Worker environment associated with the hostname.",
      deprecated: "Cloudflare has removed Worker environments.",
    },
    certId: { type: "string", mode: "output", doc: "ID of the TLS certificate." },
  },
  parseImportId(id) {
    const parts = splitId(id, ["accountId", "domainId"]);
    return parts && { id: parts.domainId ?? "", state: { accountId: parts.accountId } };
  },
  async create({ client }, inputs) {
    return live(await client.workers.domains.update(paramsOf(inputs)));
  },
  async read({ client }, id, known) {
    const found = await orMissing(client.workers.domains.get(id, accountOf(known.state)));
    return found && live(found);
  },
  async update({ client }, _id, inputs) {
    return live(await client.workers.domains.update(paramsOf(inputs))).state;
  },
  async delete({ client }, id, state) {
    await client.workers.domains.delete(id, accountOf(state));
  },
});

function paramsOf(inputs: {
  readonly accountId: string;
  readonly hostname: string;
  readonly service: string;
  readonly zoneId?: string | undefined;
  readonly zoneName?: string | undefined;
  readonly environment?: string | undefined;
}): DomainUpdateParams {
  const { hostname, service, zoneId, zoneName, environment } = inputs;
  const zone = present({ zone_id: zoneId, zone_name: zoneName, environment });
  return { ...accountOf(inputs), hostname, service, ...zone };
}

function live(found: DomainGetResponse) {
  return {
    id: found.id,
    state: {
      hostname: found.hostname,
      service: found.service,
      ...present({
        zoneId: found.zone_id,
        zoneName: found.zone_name,
        environment: found.environment,
        certId: found.cert_id,
      }),
    },
  };
}
