import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { DISK_FULL_ADVICE, isDiskFull } from "../disk-full.ts";
import type { VendorContext } from "../vendor-context.ts";
import { teamOfToken } from "./accounts.ts";
import { ApiError, notFound } from "./envelope.ts";
import type { DigitalOceanContext, DigitalOceanEnv } from "./service.ts";
import { services } from "./services.ts";

/** The v2 API: every service behind authentication; what none of them serves is refused as the vendor does. */
export function digitalOceanApi(cloud: VendorContext): Hono<DigitalOceanEnv> {
  const api = new Hono<DigitalOceanEnv>();
  api.use("/v2/*", async (context, next) => {
    const token = /^Bearer (\S+)$/.exec(context.req.header("authorization") ?? "")?.[1];
    const team = token === undefined ? undefined : teamOfToken(cloud, token);
    if (team === undefined) throw new ApiError(401, "unauthorized", "Unable to authenticate you");
    context.set("accountId", team.id);
    await next();
  });
  for (const service of services) {
    // Before the first request: a route may give out endpoints.
    for (const endpoint of service.endpoints?.(cloud) ?? []) cloud.engines.claim(endpoint);
    api.route("/v2", service.routes(cloud, services));
  }

  api.notFound((context) => refusal(context, notFound("resource")));
  api.onError((error, context) => {
    if (error instanceof ApiError) return refusal(context, error);
    cloud.log(`${context.req.method} ${context.req.path} failed: ${error.stack ?? error.message}`);
    return refusal(
      context,
      new ApiError(
        500,
        "server_error",
        isDiskFull(error)
          ? DISK_FULL_ADVICE
          : "Unexpected server-side error. `npx bulkhead local logs` shows the cause.",
      ),
    );
  });
  return api;
}

const refusal = (context: DigitalOceanContext, { id, message, status }: ApiError): Response =>
  context.json({ id, message, request_id: randomUUID() }, status);
