import { Hono } from "hono";
import { z } from "zod";
import { checked, jsonBody, ok } from "../envelope.ts";
import type { ApiEnv, CloudContext } from "../service.ts";
import {
  type Bucket,
  changeBucket,
  createBucket,
  deleteBucket,
  LOCATIONS,
  listBuckets,
  requireBucket,
  STORAGE_CLASSES,
} from "./buckets.ts";
import { INVALID_ARGUMENT } from "./errors.ts";

const BUCKETS = "/accounts/:account/r2/buckets";
const BUCKET = `${BUCKETS}/:bucket`;
const PER_PAGE = { default: 20, max: 1000 };

const createBody = z.object({
  name: z.string(),
  locationHint: z.string().toLowerCase().pipe(z.enum(LOCATIONS)).optional(),
  storageClass: z.enum(STORAGE_CLASSES).optional(),
});

const listQuery = z.object({
  cursor: z.string().optional(),
  direction: z.enum(["asc", "desc"]).default("asc"),
  name_contains: z.string().default(""),
  per_page: z.coerce.number().int().min(1).max(PER_PAGE.max).default(PER_PAGE.default),
  start_after: z.string().optional(),
});

const describeBucket = ({ name, createdAt, body }: Bucket) => ({
  name,
  creation_date: createdAt,
  location: body.location,
  storage_class: body.storageClass,
  jurisdiction: "default",
});

/**
 * Buckets.
 * @see https://developers.cloudflare.com/api/resources/r2/subresources/buckets/
 */
export const bucketRoutes = (cloud: CloudContext) =>
  new Hono<ApiEnv>()
    .get(BUCKETS, (c) => {
      const query = checked(c.req.query(), listQuery, INVALID_ARGUMENT);
      const startAfter = query.cursor ? decodeCursor(query.cursor) : query.start_after;
      const ascending = query.direction === "asc";
      const buckets = listBuckets(cloud, c.get("accountId")).filter(({ name }) =>
        name.includes(query.name_contains),
      );
      if (!ascending) buckets.reverse();
      const rest = buckets.filter(
        ({ name }) =>
          startAfter === undefined || (ascending ? name > startAfter : name < startAfter),
      );
      const page = rest.slice(0, query.per_page);
      const last = page.at(-1);
      return ok(
        c,
        { buckets: page.map(describeBucket) },
        {
          per_page: query.per_page,
          ...(last !== undefined && rest.length > page.length
            ? { cursor: encodeCursor(last.name) }
            : {}),
        },
      );
    })
    .post(BUCKETS, async (c) => {
      const { name, locationHint, storageClass } = await jsonBody(c, createBody, INVALID_ARGUMENT);
      const bucket = createBucket(cloud, c.get("accountId"), {
        name,
        location: locationHint,
        storageClass,
      });
      return ok(c, describeBucket(bucket));
    })
    .get(BUCKET, (c) =>
      ok(c, describeBucket(requireBucket(cloud, c.get("accountId"), c.req.param("bucket")))),
    )
    .patch(BUCKET, (c) => {
      const bucket = requireBucket(cloud, c.get("accountId"), c.req.param("bucket"));
      const storageClass = checked(
        c.req.header("cf-r2-storage-class"),
        z.enum(STORAGE_CLASSES),
        INVALID_ARGUMENT,
      );
      return ok(
        c,
        describeBucket(changeBucket(cloud, bucket, (body) => ({ ...body, storageClass }))),
      );
    })
    .delete(BUCKET, async (c) => {
      await deleteBucket(cloud, c.get("accountId"), c.req.param("bucket"));
      return ok(c, {});
    });

const encodeCursor = (name: string) => Buffer.from(name).toString("base64url");
const decodeCursor = (cursor: string) => Buffer.from(cursor, "base64url").toString("utf8");
