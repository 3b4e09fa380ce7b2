import { Hono } from "hono";
import { z } from "zod";
import { beginAction, describeAction, findAction, listActions } from "../actions/records.ts";
import { requireRegion } from "../catalogue/regions.ts";
import { describeDroplet } from "../droplets/describe.ts";
import { findDroplet, requireDroplet } from "../droplets/records.ts";
import { jsonBody, notFound, page, unprocessable } from "../envelope.ts";
import { settle } from "../machines/machines.ts";
import type { DigitalOceanContext, DigitalOceanEnv, DigitalOceanService } from "../service.ts";
import {
  allReservedIps,
  insertReservedIp,
  leadTo,
  listReservedIps,
  type ReservedIp,
  removeReservedIp,
  requireReservedIp,
} from "./records.ts";

const ADDRESS = "/reserved_ips/:address";
const POSTGRES_PORT = 5432;
/** What servers without an address of their own have; only Linux gives one to each. */
const SHARED_ADDRESS = "127.0.0.1";

const createBody = z.union(
  [
    z.strictObject({ droplet_id: z.number().int() }),
    z.strictObject({ region: z.string(), project_id: z.literal("").optional() }),
  ],
  "must have either droplet_id or region",
);
const actionBody = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("assign"), droplet_id: z.number().int() }),
  z.strictObject({ type: z.literal("unassign") }),
]);

/**
 * Addresses that stay while droplets come and go. A droplet's server listens at those that lead to it;
 * it starts again for that.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Reserved-IPs
 */
export const reservedIpService: DigitalOceanService = {
  name: "reserved-ips",
  endpoints: (cloud) => allReservedIps(cloud).map(({ body }) => body.endpoint),
  inventory: (cloud, accountId) => ({ "reserved IPs": listReservedIps(cloud, accountId).length }),
  resources: (cloud, accountId) =>
    listReservedIps(cloud, accountId).map(({ id, createdAt }) => ({
      urn: `do:reservedip:${id}`,
      name: id,
      createdAt,
    })),
  routes(cloud) {
    const addressOf = (c: DigitalOceanContext) =>
      requireReservedIp(cloud, c.get("accountId"), c.req.param("address") ?? "");
    const describe = ({ account, id, body }: ReservedIp) => {
      const droplet =
        body.droplet === undefined ? undefined : findDroplet(cloud, account, body.droplet);
      return {
        ip: id,
        region: requireRegion(body.region),
        droplet: droplet === undefined ? null : describeDroplet(cloud, droplet),
        locked: false,
      };
    };
    /** Lets the address lead elsewhere; the machines that are concerned follow before the answer. */
    const move = async (address: ReservedIp, to: number | undefined) => {
      const { account, id, body } = address;
      const action = cloud.store.transaction(() => {
        leadTo(cloud, address, to);
        return beginAction(cloud, account, {
          type: to === undefined ? "unassign_ip" : "assign_ip",
          resourceType: "reserved_ip",
          subject: id,
          region: body.region,
        });
      });
      // The one before lets go of the address first.
      if (body.droplet !== undefined && body.droplet !== to) {
        await settle(cloud, account, body.droplet);
      }
      if (to !== undefined) await settle(cloud, account, to);
      return action;
    };
    const dropletIn = (accountId: string, number: number, region?: string) => {
      const droplet = requireDroplet(cloud, accountId, number);
      if (region !== undefined && droplet.body.region !== region) {
        throw unprocessable(
          `droplet_id: the droplet is in ${droplet.body.region} and the address in ${region}. Both must be in one region.`,
        );
      }
      return droplet;
    };

    return new Hono<DigitalOceanEnv>()
      .get("/reserved_ips", (c) =>
        page(c, "reserved_ips", listReservedIps(cloud, c.get("accountId")), describe),
      )
      .post("/reserved_ips", async (c) => {
        const request = await jsonBody(c, createBody);
        const accountId = c.get("accountId");
        const region =
          "region" in request
            ? requireRegion(request.region).slug
            : dropletIn(accountId, request.droplet_id).body.region;
        const [endpoint] = await cloud.engines.endpoints([POSTGRES_PORT]);
        if (endpoint.host === SHARED_ADDRESS) {
          throw unprocessable("Reserved IPs are served on Linux only. Use the droplet's address.");
        }
        const address = insertReservedIp(cloud, accountId, { region, endpoint });
        if ("droplet_id" in request) await move(address, request.droplet_id);
        const now = requireReservedIp(cloud, accountId, address.id);
        return c.json({ reserved_ip: describe(now), links: {} }, 202);
      })
      .get(ADDRESS, (c) => c.json({ reserved_ip: describe(addressOf(c)) }))
      .delete(ADDRESS, async (c) => {
        const address = addressOf(c);
        await move(address, undefined);
        removeReservedIp(cloud, address);
        return c.body(null, 204);
      })
      .get(`${ADDRESS}/actions`, (c) => {
        const { account, id } = addressOf(c);
        const actions = listActions(cloud, account).filter(({ body }) => body.subject === id);
        return page(c, "actions", actions, describeAction);
      })
      .post(`${ADDRESS}/actions`, async (c) => {
        const address = addressOf(c);
        const request = await jsonBody(c, actionBody);
        if (request.type === "unassign") {
          if (address.body.droplet === undefined) {
            throw unprocessable("The reserved IP is not assigned to a droplet.");
          }
          return c.json({ action: describeAction(await move(address, undefined)) }, 201);
        }
        const { account, body } = address;
        const droplet = dropletIn(account, request.droplet_id, body.region);
        return c.json({ action: describeAction(await move(address, Number(droplet.id))) }, 201);
      })
      .get(`${ADDRESS}/actions/:action`, (c) => {
        const { account, id } = addressOf(c);
        const action = findAction(cloud, account, c.req.param("action"));
        if (action?.body.subject !== id) throw notFound("action");
        return c.json({ action: describeAction(action) });
      });
  },
};
