import { createMiddleware } from "hono/factory";
import { findToken } from "./accounts.ts";
import { ApiError } from "./envelope.ts";
import type { ApiEnv, CloudContext } from "./service.ts";

const BEARER = /^Bearer ([A-Za-z0-9_-]{40})$/;
const ACCOUNT_PATH = /^\/client\/v4\/accounts\/([^/]+)/;

/**
 * Lets a request pass whose API token is known and, on an account's path, belongs to that account.
 * @see https://developers.cloudflare.com/fundamentals/api/get-started/create-token/
 */
export const authenticate = (cloud: CloudContext) =>
  createMiddleware<ApiEnv>(async (context, next) => {
    const header = context.req.header("authorization");
    if (header === undefined) {
      throw new ApiError(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers");
    }
    const value = BEARER.exec(header)?.[1];
    if (value === undefined) {
      throw new ApiError(400, 6003, "Invalid request headers", [
        { code: 6111, message: "Invalid format for Authorization header" },
      ]);
    }
    const token = findToken(cloud, value);
    if (token === undefined) throw new ApiError(401, 10000, "Authentication error");

    const accountId = ACCOUNT_PATH.exec(context.req.path)?.[1];
    if (accountId !== undefined && accountId !== token.body.accountId) {
      // One answer for foreign and for unknown accounts, so that ids cannot be probed.
      throw new ApiError(403, 9109, "Unauthorized to access requested resource");
    }
    context.set("tokenId", token.id);
    context.set("accountId", token.body.accountId);
    await next();
  });
