import { Hono } from "hono";
import { ApiError, okPage } from "../envelope.ts";
import type { ApiContext, ApiEnv, CloudflareService } from "../service.ts";
import { CLIENT_ADDRESS, describeEntry, listEntries } from "./entries.ts";

const PAGE = { perPage: 100, maxPerPage: 1000 };
const NOT_SERVED = ["export", "zone.name"];
const INVALID = 1004;

/**
 * Who changed what in the account: the newest 10,000 changes. Differs from the vendor's: an entry is there
 * as soon as the change is, and no entry has values.
 * @see https://developers.cloudflare.com/api/resources/audit_logs/methods/list/
 */
export const auditLogsService: CloudflareService = {
  name: "audit-logs",
  routes: (cloud) =>
    new Hono<ApiEnv>().get("/accounts/:account/audit_logs", (c) => {
      const unserved = NOT_SERVED.find((name) => c.req.query(name) !== undefined);
      if (unserved !== undefined) {
        throw new ApiError(400, INVALID, `The local cloud does not implement ${unserved}.`);
      }
      const since = timeOf(c, "since") ?? Number.NEGATIVE_INFINITY;
      const before = timeOf(c, "before") ?? Number.POSITIVE_INFINITY;
      const wanted = (name: string, actual: string) => (c.req.query(name) ?? actual) === actual;
      const entries = listEntries(cloud, c.get("accountId"))
        .filter(({ createdAt }) => {
          const time = Date.parse(createdAt);
          return time >= since && time < before;
        })
        .map(describeEntry)
        .filter(
          ({ id, action, actor }) =>
            wanted("id", id) &&
            wanted("action.type", action.type) &&
            wanted("actor.email", actor.email) &&
            wanted("actor.ip", CLIENT_ADDRESS),
        );
      return okPage(c, c.req.query("direction") === "asc" ? entries.reverse() : entries, PAGE);
    }),
};

/** Milliseconds since 1970. */
function timeOf(c: ApiContext, name: string): number | undefined {
  const text = c.req.query(name);
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) {
    throw new ApiError(400, INVALID, `Invalid ${name}: give a date as in RFC 3339.`);
  }
  return time;
}
