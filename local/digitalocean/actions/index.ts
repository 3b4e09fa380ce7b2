import { Hono } from "hono";
import { notFound, page } from "../envelope.ts";
import type { DigitalOceanEnv, DigitalOceanService } from "../service.ts";
import { describeAction, findAction, listActions } from "./records.ts";

/** @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Actions */
export const actionsService: DigitalOceanService = {
  name: "actions",
  routes: (cloud) =>
    new Hono<DigitalOceanEnv>()
      .get("/actions", (c) =>
        page(c, "actions", listActions(cloud, c.get("accountId")), describeAction),
      )
      .get("/actions/:action", (c) => {
        const action = findAction(cloud, c.get("accountId"), c.req.param("action"));
        if (action === undefined) throw notFound("action");
        return c.json({ action: describeAction(action) });
      }),
};
