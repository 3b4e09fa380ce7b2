import { Hono } from "hono";
import { z } from "zod";
import { jsonBody, ok, okPage } from "../envelope.ts";
import type { ApiContext, ApiEnv, CloudflareService } from "../service.ts";
import {
  changeConfig,
  createConfig,
  deleteConfig,
  describeConfig,
  describeHyperdrives,
  listConfigs,
  replaceConfig,
  requireConfig,
} from "./configs.ts";
import { HYPERDRIVE_ERROR } from "./errors.ts";

const CONFIGS = "/accounts/:account/hyperdrive/configs";
const CONFIG = `${CONFIGS}/:config`;
const PAGE = { perPage: 20, maxPerPage: 100 };

/**
 * Hyperdrive: databases that Workers reach by a binding. Differs from the vendor's in that a database
 * may have a private address, that a Worker's connection is one of the database's own instead of one
 * from a pool, and that nothing is cached.
 * @see https://developers.cloudflare.com/api/resources/hyperdrive/
 */
export const hyperdriveService: CloudflareService = {
  name: "hyperdrive",
  contribute: (cloud, accountId) => ({
    hyperdrives: listConfigs(cloud, accountId).map(({ id }) => id),
  }),
  describeHyperdrives,
  routes(cloud) {
    const ofPath = (c: ApiContext) =>
      requireConfig(cloud, c.get("accountId"), c.req.param("config") ?? "");
    const bodyOf = (c: ApiContext) => jsonBody(c, z.unknown(), HYPERDRIVE_ERROR.invalid);

    return new Hono<ApiEnv>()
      .get(CONFIGS, (c) =>
        okPage(c, listConfigs(cloud, c.get("accountId")).map(describeConfig), PAGE),
      )
      .post(CONFIGS, async (c) =>
        ok(c, describeConfig(await createConfig(cloud, c.get("accountId"), await bodyOf(c)))),
      )
      .get(CONFIG, (c) => ok(c, describeConfig(ofPath(c))))
      .put(CONFIG, async (c) =>
        ok(c, describeConfig(await replaceConfig(cloud, ofPath(c), await bodyOf(c)))),
      )
      .patch(CONFIG, async (c) =>
        ok(c, describeConfig(await changeConfig(cloud, ofPath(c), await bodyOf(c)))),
      )
      .delete(CONFIG, async (c) => {
        await deleteConfig(cloud, ofPath(c));
        return ok(c, null);
      });
  },
};
