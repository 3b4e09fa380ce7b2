import { routePath } from "hono/route";
import { ApiError } from "./envelope.ts";
import type { ApiContext } from "./service.ts";

/**
 * What the `*` at the end of the handler's route stands for, decoded: a key, which may hold slashes
 * both as they are (wrangler) and percent-encoded (the SDK).
 */
export function restOfPath(context: ApiContext): string {
  const segmentsBefore = routePath(context).split("/").length - 1;
  // The router's own path is decoded in part, which is not reversible; the URL's is not.
  const { pathname } = new URL(context.req.url);
  try {
    return decodeURIComponent(pathname.split("/").slice(segmentsBefore).join("/"));
  } catch {
    throw new ApiError(400, 7003, `Could not route to ${pathname}: it is not valid URL encoding.`);
  }
}
