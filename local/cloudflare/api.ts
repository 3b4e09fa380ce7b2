import { Hono } from "hono";
import { DISK_FULL_ADVICE, isDiskFull } from "../disk-full.ts";
import { NotHeldError } from "../runtime/account-runtime.ts";
import { LockTimeoutError } from "../runtime/read-write-lock.ts";
import { recordChanges } from "./audit-logs/record.ts";
import { authenticate } from "./authentication.ts";
import { ApiError, refusal } from "./envelope.ts";
import type { ApiEnv, CloudContext } from "./service.ts";
import { services } from "./services.ts";

/** The v4 API: every service behind authentication; what none of them serves is refused as the vendor does. */
export function cloudflareApi(cloud: CloudContext, log: (line: string) => void): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>();
  api.use("/client/v4/*", authenticate(cloud), recordChanges(cloud, log));
  for (const service of services) {
    api.route("/client/v4", service.routes(cloud));
    if (service.signedRoutes !== undefined) api.route("/signed", service.signedRoutes(cloud));
  }

  api.notFound((context) =>
    refusal(
      context,
      new ApiError(
        404,
        7003,
        `Could not route to ${context.req.path}, perhaps your object identifier is invalid?`,
        [{ code: 7000, message: "No route for that URI" }],
      ),
    ),
  );
  api.onError((error, context) => {
    if (error instanceof ApiError) return refusal(context, error);
    if (error instanceof NotHeldError) return refusal(context, DELETED_MEANWHILE);
    if (error instanceof LockTimeoutError) return refusal(context, BUSY);
    log(`${context.req.method} ${context.req.path} failed: ${error.stack ?? error.message}`);
    return refusal(context, internalError(error));
  });
  return api;
}

const DELETED_MEANWHILE = new ApiError(404, 1001, "It was deleted while the request waited.");
const BUSY = new ApiError(
  503,
  1003,
  "Requests under way to this account's Workers, databases or buckets did not end in time, so nothing was changed. " +
    "End them and try again, or restart the local cloud with `npx bulkhead local down` and `npx bulkhead local up`.",
);

function internalError(error: Error): ApiError {
  const message = isDiskFull(error)
    ? `Internal error. ${DISK_FULL_ADVICE}`
    : "Internal error. `npx bulkhead local logs` shows the cause.";
  return new ApiError(500, 1002, message);
}
