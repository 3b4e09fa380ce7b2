import { Hono } from "hono";
import { z } from "zod";
import { jsonBody, notFound, page, unprocessable } from "../envelope.ts";
import type {
  DigitalOceanContext,
  DigitalOceanEnv,
  DigitalOceanService,
  Taggable,
} from "../service.ts";
import { ensureTags, findTag, listTags, removeTag, type Tag } from "./records.ts";

const TAG = "/tags/:tag";
const createBody = z.strictObject({ name: z.string() });
const resourcesBody = z.strictObject({
  resources: z
    .array(
      z.strictObject({
        resource_id: z.union([z.string(), z.number()]).transform(String),
        resource_type: z.string(),
      }),
    )
    .min(1),
});

/** The key of each kind in the answer's counts. */
const COUNTED = { database: "databases", droplet: "droplets", volume: "volumes" } as const;

/** @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Tags */
export const tagService: DigitalOceanService = {
  name: "tags",
  routes(cloud, services) {
    const kinds = services.flatMap(({ taggable }) => taggable ?? []);
    const tagOf = (c: DigitalOceanContext): Tag => {
      const tag = findTag(cloud, c.get("accountId"), c.req.param("tag") ?? "");
      if (tag === undefined) throw notFound("tag");
      return tag;
    };
    const tagged = (kind: Taggable, { account, name }: Tag) =>
      kind.list(cloud, account).filter(({ tags }) => tags.includes(name));
    const describeTag = (tag: Tag) => {
      const counts = kinds.map((kind) => [COUNTED[kind.resourceType], tagged(kind, tag).length]);
      const count = kinds.reduce((sum, kind) => sum + tagged(kind, tag).length, 0);
      const resources = Object.fromEntries(counts.map(([key, number]) => [key, { count: number }]));
      return { name: tag.name, resources: { count, ...resources } };
    };
    /** Changes the tags of what the request names: all of it, or nothing when one of it is unknown. */
    const changeTagged = async (
      c: DigitalOceanContext,
      change: (tags: readonly string[], tag: string) => string[],
    ) => {
      const { account, name } = tagOf(c);
      const { resources } = await jsonBody(c, resourcesBody);
      const found = resources.map(({ resource_id: id, resource_type: type }) => {
        const kind = kinds.find(({ resourceType }) => resourceType === type);
        if (kind === undefined) {
          const known = kinds.map(({ resourceType }) => resourceType).join(", ");
          throw unprocessable(`resource_type: "${type}" cannot be tagged here, only ${known}.`);
        }
        const resource = kind.list(cloud, account).find((candidate) => candidate.id === id);
        if (resource === undefined) throw notFound(type);
        return { kind, resource };
      });
      for (const { kind, resource } of found) {
        await kind.setTags(cloud, account, resource.id, change(resource.tags, name));
      }
      return c.body(null, 204);
    };

    return new Hono<DigitalOceanEnv>()
      .get("/tags", (c) => page(c, "tags", listTags(cloud, c.get("accountId")), describeTag))
      .post("/tags", async (c) => {
        const { name } = await jsonBody(c, createBody);
        ensureTags(cloud, c.get("accountId"), [name]);
        const tag = findTag(cloud, c.get("accountId"), name);
        return c.json({ tag: tag && describeTag(tag) }, 201);
      })
      .get(TAG, (c) => c.json({ tag: describeTag(tagOf(c)) }))
      .delete(TAG, async (c) => {
        const tag = tagOf(c);
        for (const kind of kinds) {
          for (const { id, tags } of tagged(kind, tag)) {
            await kind.setTags(cloud, tag.account, id, without(tags, tag.name));
          }
        }
        removeTag(cloud, tag);
        return c.body(null, 204);
      })
      .post(`${TAG}/resources`, (c) => changeTagged(c, (tags, tag) => [...without(tags, tag), tag]))
      .delete(`${TAG}/resources`, (c) => changeTagged(c, without));
  },
};

const without = (tags: readonly string[], tag: string): string[] =>
  tags.filter((other) => other !== tag);
