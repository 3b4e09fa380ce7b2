import { Hono } from "hono";
import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import { ApiError, jsonBody, ok } from "../envelope.ts";
import { hexId } from "../identifiers.ts";
import type { ApiContext, ApiEnv, CloudContext } from "../service.ts";
import { isWithin, requireZone, type Zone } from "../zones/zones.ts";
import { normalPattern, patternDomain } from "./route-pattern.ts";
import { requireScript } from "./scripts.ts";

/*
 * Routes: which Worker answers for which part of a zone's host names and paths.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/routes/
 */

interface RouteBody {
  readonly script: string | null;
  readonly zoneId: string;
}

const INVALID_ROUTE = 10022;
const ROUTE_NOT_FOUND = 10009;
const ROUTE_TAKEN = 10020;

export const routesOf = ({ store }: CloudContext) => store.collection<RouteBody>("worker-route");

const routeBody = z.object({ pattern: z.string().min(1), script: z.string().nullish() });

type RouteDocument = ReturnType<ReturnType<typeof routesOf>["list"]>[number];

const describeRoute = ({ id, name, body }: RouteDocument) => ({
  id,
  pattern: name,
  ...(body.script === null ? {} : { script: body.script }),
});

const ROUTES = "/zones/:zone/workers/routes";
const ROUTE = `${ROUTES}/:route`;

export function routeRoutes(cloud: CloudContext): Hono<ApiEnv> {
  const zoneOf = (c: ApiContext) =>
    requireZone(cloud, c.get("accountId"), c.req.param("zone") ?? "");
  const requireRoute = (c: ApiContext) => {
    const zone = zoneOf(c);
    const route = routesOf(cloud).get(zone.accountId, c.req.param("route") ?? "");
    if (route?.body.zoneId !== zone.id) {
      throw new ApiError(404, ROUTE_NOT_FOUND, "Route not found.");
    }
    return route;
  };
  const requested = async (c: ApiContext, zone: Zone) => {
    const { pattern, script } = await jsonBody(c, routeBody, INVALID_ROUTE);
    const domain = patternDomain(pattern);
    if (domain === undefined || !isWithin(domain, zone.name)) {
      throw new ApiError(
        400,
        INVALID_ROUTE,
        `The route pattern ${pattern} is not one for host names of the zone ${zone.name}.`,
      );
    }
    if (script != null) requireScript(cloud, zone.accountId, script);
    const body: RouteBody = { script: script ?? null, zoneId: zone.id };
    return { name: normalPattern(pattern), body };
  };

  return new Hono<ApiEnv>()
    .get(ROUTES, (c) => {
      const zone = zoneOf(c);
      const routes = routesOf(cloud)
        .list(zone.accountId)
        .filter(({ body }) => body.zoneId === zone.id);
      return ok(c, routes.map(describeRoute));
    })
    .post(ROUTES, async (c) => {
      const zone = zoneOf(c);
      const route = await requested(c, zone);
      const inserted = refusingTakenPattern(() =>
        routesOf(cloud).insert(zone.accountId, { id: hexId(), ...route }),
      );
      return ok(c, describeRoute(inserted));
    })
    .get(ROUTE, (c) => ok(c, describeRoute(requireRoute(c))))
    .put(ROUTE, async (c) => {
      const change = await requested(c, zoneOf(c));
      const { account, id } = requireRoute(c);
      const updated = refusingTakenPattern(() => routesOf(cloud).update(account, id, change));
      return ok(c, describeRoute(updated));
    })
    .delete(ROUTE, (c) => {
      const { account, id } = requireRoute(c);
      routesOf(cloud).remove(account, id);
      return ok(c, { id });
    });
}

function refusingTakenPattern<R>(write: () => R): R {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof NameTakenError)) throw error;
    throw new ApiError(409, ROUTE_TAKEN, "A route with the same pattern already exists.");
  }
}
