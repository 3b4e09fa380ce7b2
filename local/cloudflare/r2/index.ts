import { Hono } from "hono";
import type { ApiEnv, CloudflareService } from "../service.ts";
import { bucketRoutes } from "./bucket-routes.ts";
import { listBuckets } from "./buckets.ts";
import { notEntitled } from "./errors.ts";
import { objectRoutes } from "./object-routes.ts";
import { settingsRoutes } from "./settings-routes.ts";

const JURISDICTION_HEADER = "cf-r2-jurisdiction";

/**
 * R2: buckets, their settings and their objects; the S3 API to the same objects is local/s3/.
 * @see https://developers.cloudflare.com/api/resources/r2/
 */
export const r2Service: CloudflareService = {
  name: "r2",
  contribute: (cloud, accountId) => ({
    buckets: listBuckets(cloud, accountId).map(({ name }) => name),
  }),
  routes: (cloud) =>
    new Hono<ApiEnv>()
      .use("/accounts/:account/r2/*", async (c, next) => {
        const jurisdiction = c.req.header(JURISDICTION_HEADER) ?? "default";
        if (jurisdiction !== "default") throw notEntitled(`jurisdiction ${jurisdiction}`);
        await next();
      })
      .route("/", bucketRoutes(cloud))
      .route("/", settingsRoutes(cloud))
      .route("/", objectRoutes(cloud)),
};
