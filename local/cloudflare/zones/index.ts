import { Hono } from "hono";
import { findAccount } from "../accounts.ts";
import { ok, okPage } from "../envelope.ts";
import type { ApiEnv, CloudContext, CloudflareService } from "../service.ts";
import { listZones, requireZone, type Zone } from "./zones.ts";

const PAGE = { perPage: 20, maxPerPage: 50 };
const NAME_SERVERS = ["local.ns.bulkhead.example"];

function describeZone(cloud: CloudContext, { id, name, accountId, createdAt }: Zone) {
  const account = { id: accountId, name: findAccount(cloud, accountId)?.name ?? "" };
  return {
    id,
    name,
    status: "active",
    paused: false,
    type: "full",
    development_mode: 0,
    name_servers: NAME_SERVERS,
    original_name_servers: null,
    original_registrar: null,
    original_dnshost: null,
    created_on: createdAt,
    modified_on: createdAt,
    activated_on: createdAt,
    account,
    owner: { id: null, type: "user", email: null },
    permissions: ["#zone:read", "#worker:edit"],
    meta: { step: 2, phishing_detected: false, page_rule_quota: 0 },
    plan: { id: "0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee", name: "Free Website", legacy_id: "free" },
  };
}

/**
 * Zones, one an account, made with it. They exist for host names of Workers; there is no DNS here,
 * so zones cannot be created, changed or deleted, and records are not served.
 * @see https://developers.cloudflare.com/api/resources/zones/
 */
export const zonesService: CloudflareService = {
  name: "zones",
  routes: (cloud) =>
    new Hono<ApiEnv>()
      .get("/zones", (c) => {
        const name = c.req.query("name")?.toLowerCase();
        const status = c.req.query("status") ?? "active";
        const accountId = c.req.query("account.id") ?? c.get("accountId");
        const accountName = c.req.query("account.name");
        const zones = listZones(cloud, c.get("accountId"))
          .map((zone) => describeZone(cloud, zone))
          .filter(
            (zone) =>
              (name ?? zone.name) === zone.name &&
              status === zone.status &&
              accountId === zone.account.id &&
              (accountName ?? zone.account.name) === zone.account.name,
          );
        return okPage(c, zones, PAGE);
      })
      .get("/zones/:zone", (c) =>
        ok(c, describeZone(cloud, requireZone(cloud, c.get("accountId"), c.req.param("zone")))),
      ),
};
