import { Hono } from "hono";
import { notFound, page } from "../envelope.ts";
import type { DigitalOceanEnv, DigitalOceanService } from "../service.ts";
import { describeImage, findImage, IMAGES } from "./images.ts";
import { REGIONS, regionSlugs } from "./regions.ts";
import { SIZES } from "./sizes.ts";

/**
 * What the vendor has on offer, a few of each.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Sizes
 */
export const catalogueService: DigitalOceanService = {
  name: "catalogue",
  routes: () =>
    new Hono<DigitalOceanEnv>()
      .get("/regions", (c) => page(c, "regions", REGIONS, (region) => region))
      .get("/sizes", (c) =>
        page(c, "sizes", SIZES, (size) => ({ ...size, regions: regionSlugs(), available: true })),
      )
      .get("/images", (c) => {
        const own = c.req.query("private") === "true" || c.req.query("type") === "application";
        return page(c, "images", own ? [] : IMAGES, describeImage);
      })
      .get("/images/:image", (c) => {
        const image = findImage(c.req.param("image"));
        if (image === undefined) throw notFound("image");
        return c.json({ image: describeImage(image) });
      }),
};
