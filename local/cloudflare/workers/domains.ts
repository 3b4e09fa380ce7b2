import { Hono } from "hono";
import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import { ApiError, jsonBody, ok } from "../envelope.ts";
import { hexId } from "../identifiers.ts";
import type { ApiEnv, CloudContext } from "../service.ts";
import { findZone, requireZone } from "../zones/zones.ts";
import { requireScript } from "./scripts.ts";

/*
 * Custom domains and routes: how a Worker is reached by a host name of a zone.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/domains/
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/routes/
 */

interface DomainBody {
  readonly service: string;
  readonly environment: string;
  readonly zoneId: string;
  readonly zoneName: string;
}

interface RouteBody {
  readonly script: string | null;
  readonly zoneId: string;
}

const DOMAIN_NOT_FOUND = 10007;
const INVALID_DOMAIN = 100114;
const WORKERS_ROUTE_INVALID = 10022;
const ROUTE_NOT_FOUND = 10009;
const ROUTE_TAKEN = 10020;

export const domainsOf = ({ store }: CloudContext) => store.collection<DomainBody>("worker-domain");
export const routesOf = ({ store }: CloudContext) => store.collection<RouteBody>("worker-route");

const domainBody = z.object({
  hostname: z.string().min(1),
  service: z.string().min(1),
  environment: z.string().default("production"),
  zone_id: z.string().optional(),
  zone_name: z.string().optional(),
});
const routeBody = z.object({ pattern: z.string().min(1), script: z.string().nullish() });

type DomainDocument = ReturnType<ReturnType<typeof domainsOf>["list"]>[number];
type RouteDocument = ReturnType<ReturnType<typeof routesOf>["list"]>[number];

const describeDomain = ({ id, name, body }: DomainDocument) => ({
  id,
  hostname: name,
  service: body.service,
  environment: body.environment,
  zone_id: body.zoneId,
  zone_name: body.zoneName,
  cert_id: id,
});

const describeRoute = ({ id, name, body }: RouteDocument) => ({
  id,
  pattern: name,
  ...(body.script === null ? {} : { script: body.script }),
});

const DOMAINS = "/accounts/:account/workers/domains";
const ROUTES = "/zones/:zone/workers/routes";

export function domainRoutes(cloud: CloudContext): Hono<ApiEnv> {
  const requireDomain = (accountId: string, id: string) => {
    const domain = domainsOf(cloud).get(accountId, id);
    if (domain === undefined) throw new ApiError(404, DOMAIN_NOT_FOUND, "Domain not found.");
    return domain;
  };
  const requireRoute = (accountId: string, id: string) => {
    const route = routesOf(cloud).get(accountId, id);
    if (route === undefined) throw new ApiError(404, ROUTE_NOT_FOUND, "Route not found.");
    return route;
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
    })
    .get(ROUTES, (c) => {
      const zone = requireZone(cloud, c.get("accountId"), c.req.param("zone"));
      const routes = routesOf(cloud)
        .list(zone.accountId)
        .filter(({ body }) => body.zoneId === zone.id);
      return ok(c, routes.map(describeRoute));
    })
    .post(ROUTES, async (c) => {
      const zone = requireZone(cloud, c.get("accountId"), c.req.param("zone"));
      const { pattern, script } = await jsonBody(c, routeBody, WORKERS_ROUTE_INVALID);
      if (script != null) requireScript(cloud, zone.accountId, script);
      const body: RouteBody = { script: script ?? null, zoneId: zone.id };
      try {
        const route = routesOf(cloud).insert(zone.accountId, { id: hexId(), name: pattern, body });
        return ok(c, describeRoute(route));
      } catch (error) {
        if (!(error instanceof NameTakenError)) throw error;
        throw new ApiError(409, ROUTE_TAKEN, "A route with the same pattern already exists.");
      }
    })
    .get(`${ROUTES}/:route`, (c) => {
      const zone = requireZone(cloud, c.get("accountId"), c.req.param("zone"));
      return ok(c, describeRoute(requireRoute(zone.accountId, c.req.param("route"))));
    })
    .put(`${ROUTES}/:route`, async (c) => {
      const zone = requireZone(cloud, c.get("accountId"), c.req.param("zone"));
      const route = requireRoute(zone.accountId, c.req.param("route"));
      const { pattern, script } = await jsonBody(c, routeBody, WORKERS_ROUTE_INVALID);
      if (script != null) requireScript(cloud, zone.accountId, script);
      const updated = routesOf(cloud).update(zone.accountId, route.id, {
        name: pattern,
        body: { script: script ?? null, zoneId: zone.id },
      });
      return ok(c, describeRoute(updated));
    })
    .delete(`${ROUTES}/:route`, (c) => {
      const zone = requireZone(cloud, c.get("accountId"), c.req.param("zone"));
      const route = requireRoute(zone.accountId, c.req.param("route"));
      routesOf(cloud).remove(zone.accountId, route.id);
      return ok(c, { id: route.id });
    });
}
