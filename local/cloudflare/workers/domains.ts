import { Hono } from "hono";
import { z } from "zod";
import { ApiError, jsonBody, ok } from "../envelope.ts";
import { hexId } from "../identifiers.ts";
import type { ApiEnv, CloudContext } from "../service.ts";
import { findZone } from "../zones/zones.ts";
import { requireScript } from "./scripts.ts";

/*
 * Custom domains: host names of a zone, each a Worker's alone.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/domains/
 */

interface DomainBody {
  readonly service: string;
  readonly environment: string;
  readonly zoneId: string;
  readonly zoneName: string;
}

const DOMAIN_NOT_FOUND = 10007;
const INVALID_DOMAIN = 100114;

export const domainsOf = ({ store }: CloudContext) => store.collection<DomainBody>("worker-domain");

/** Labels of a DNS name, in lower case. */
const HOSTNAME = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;

const domainBody = z.object({
  hostname: z.string().toLowerCase().max(253).regex(HOSTNAME, "must be a host name"),
  service: z.string().min(1),
  environment: z.string().default("production"),
  zone_id: z.string().optional(),
  zone_name: z.string().optional(),
});

type DomainDocument = ReturnType<ReturnType<typeof domainsOf>["list"]>[number];

const describeDomain = ({ id, name, body }: DomainDocument) => ({
  id,
  hostname: name,
  service: body.service,
  environment: body.environment,
  zone_id: body.zoneId,
  zone_name: body.zoneName,
  cert_id: id,
});

const DOMAINS = "/accounts/:account/workers/domains";

export function domainRoutes(cloud: CloudContext): Hono<ApiEnv> {
  const requireDomain = (accountId: string, id: string) => {
    const domain = domainsOf(cloud).get(accountId, id);
    if (domain === undefined) throw new ApiError(404, DOMAIN_NOT_FOUND, "Domain not found.");
    return domain;
  };

  return new Hono<ApiEnv>()
    .get(DOMAINS, (c) => {
      const filters = c.req.query();
      const domains = domainsOf(cloud)
        .list(c.get("accountId"))
        .map(describeDomain)
        .filter(
          (domain) =>
            (filters.hostname ?? domain.hostname) === domain.hostname &&
            (filters.service ?? domain.service) === domain.service &&
            (filters.zone_id ?? domain.zone_id) === domain.zone_id &&
            (filters.zone_name ?? domain.zone_name) === domain.zone_name,
        );
      return ok(c, domains);
    })
    .put(DOMAINS, async (c) => {
      const accountId = c.get("accountId");
      const request = await jsonBody(c, domainBody, INVALID_DOMAIN);
      requireScript(cloud, accountId, request.service);
      const zone = findZone(cloud, accountId, {
        id: request.zone_id,
        name: request.zone_name,
        hostname: request.hostname,
      });
      if (zone === undefined) {
        throw new ApiError(
          400,
          INVALID_DOMAIN,
          `The host name ${request.hostname} does not belong to a zone of this account.`,
        );
      }
      const body: DomainBody = {
        service: request.service,
        environment: request.environment,
        zoneId: zone.id,
        zoneName: zone.name,
      };
      const existing = domainsOf(cloud).byName(accountId, request.hostname);
      const domain =
        existing === undefined
          ? domainsOf(cloud).insert(accountId, { id: hexId(), name: request.hostname, body })
          : domainsOf(cloud).update(accountId, existing.id, { body });
      return ok(c, describeDomain(domain));
    })
    .get(`${DOMAINS}/:domain`, (c) =>
      ok(c, describeDomain(requireDomain(c.get("accountId"), c.req.param("domain")))),
    )
    .delete(`${DOMAINS}/:domain`, (c) => {
      const { account, id } = requireDomain(c.get("accountId"), c.req.param("domain"));
      domainsOf(cloud).remove(account, id);
      return ok(c, null);
    });
}
