import { Hono } from "hono";
import { retriesOf } from "../../retries.ts";
import { describeAction, findAction, listActions } from "../actions/records.ts";
import { jsonBody, notFound, page, unprocessable } from "../envelope.ts";
import { describeFirewall } from "../firewalls/describe.ts";
import { firewallsBefore } from "../firewalls/records.ts";
import { destroyMachine, settle, startMachines } from "../machines/machines.ts";
import type { DigitalOceanContext, DigitalOceanEnv, DigitalOceanService } from "../service.ts";
import { actionBody, beginDropletAction } from "./actions.ts";
import { createBody, createDroplet } from "./create.ts";
import { describeDroplet } from "./describe.ts";
import {
  allDroplets,
  type Droplet,
  listDroplets,
  numberOf,
  requireDroplet,
  updateDroplet,
} from "./records.ts";

const DROPLET = "/droplets/:droplet";

/**
 * Droplets. There is no virtual machine behind one: it runs the servers that its user data declares, as
 * `machines/machine-plan.ts` says, at a loopback address of its own. Backups are switched on and off as at
 * the vendor but none is taken; size and image give no resources and no system.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Droplets
 */
export const dropletService: DigitalOceanService = {
  name: "droplets",
  start: startMachines,
  stop: async (cloud) => retriesOf(cloud).close(),
  endpoints: (cloud) => allDroplets(cloud).map(({ body }) => body.endpoint),
  inventory: (cloud, accountId) => ({ droplets: listDroplets(cloud, accountId).length }),
  resources: (cloud, accountId) =>
    listDroplets(cloud, accountId).map(({ id, createdAt, body }) => ({
      urn: `do:droplet:${id}`,
      name: body.name,
      createdAt,
      vpcId: body.vpcId,
    })),
  taggable: {
    resourceType: "droplet",
    list: (cloud, accountId) =>
      listDroplets(cloud, accountId).map(({ id, body }) => ({ id, tags: body.tags })),
    async setTags(cloud, accountId, id, tags) {
      const droplet = requireDroplet(cloud, accountId, id);
      updateDroplet(cloud, droplet, { tags });
      // A firewall may be before the droplet by its tags.
      await settle(cloud, accountId, numberOf(droplet));
    },
  },
  routes(cloud) {
    const dropletOf = (c: DigitalOceanContext) =>
      requireDroplet(cloud, c.get("accountId"), c.req.param("droplet") ?? "");
    const describe = (droplet: Droplet) => describeDroplet(cloud, droplet);
    const actionsOf = (droplet: Droplet) =>
      listActions(cloud, droplet.account).filter(({ body }) => body.droplet === numberOf(droplet));

    return new Hono<DigitalOceanEnv>()
      .get("/droplets", (c) => {
        const { tag_name: tag, name } = c.req.query();
        const droplets = listDroplets(cloud, c.get("accountId")).filter(
          ({ body }) =>
            (tag === undefined || body.tags.includes(tag)) &&
            (name === undefined || body.name === name),
        );
        return page(c, "droplets", droplets, describe);
      })
      .post("/droplets", async (c) => {
        const request = await jsonBody(c, createBody);
        const { droplet, action } = await createDroplet(cloud, c.get("accountId"), request);
        void settle(cloud, droplet.account, numberOf(droplet));
        const href = `${new URL(c.req.url).origin}/v2/actions/${action.id}`;
        const links = { actions: [{ id: Number(action.id), rel: "create", href }] };
        return c.json({ droplet: describe(droplet), links }, 202);
      })
      .delete("/droplets", async (c) => {
        const tag = c.req.query("tag_name");
        if (tag === undefined || tag === "")
          throw unprocessable("tag_name: is missing. Name a tag.");
        const droplets = listDroplets(cloud, c.get("accountId"));
        const tagged = droplets.filter(({ body }) => body.tags.includes(tag));
        await Promise.all(tagged.map((droplet) => destroyMachine(cloud, droplet)));
        return c.body(null, 204);
      })
      .get(DROPLET, (c) => c.json({ droplet: describe(dropletOf(c)) }))
      .delete(DROPLET, async (c) => {
        await destroyMachine(cloud, dropletOf(c));
        return c.body(null, 204);
      })
      .get(`${DROPLET}/firewalls`, (c) =>
        page(c, "firewalls", firewallsBefore(cloud, dropletOf(c)), describeFirewall),
      )
      .get(`${DROPLET}/actions`, (c) => page(c, "actions", actionsOf(dropletOf(c)), describeAction))
      .post(`${DROPLET}/actions`, async (c) => {
        const droplet = dropletOf(c);
        const action = beginDropletAction(cloud, droplet, await jsonBody(c, actionBody));
        void settle(cloud, droplet.account, numberOf(droplet));
        return c.json({ action: describeAction(action) }, 201);
      })
      .get(`${DROPLET}/actions/:action`, (c) => {
        const droplet = dropletOf(c);
        const action = findAction(cloud, droplet.account, c.req.param("action"));
        if (action?.body.droplet !== numberOf(droplet)) throw notFound("action");
        return c.json({ action: describeAction(action) });
      });
  },
};
