import { createHash } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { jsonBody, ok } from "../envelope.ts";
import type { ApiContext, ApiEnv, CloudContext } from "../service.ts";
import { type Bucket, changeBucket, requireBucket } from "./buckets.ts";
import { INVALID_ARGUMENT, noCorsConfiguration, notEntitled } from "./errors.ts";
import { corsBody, lifecycleBody, lockBody } from "./rules.ts";

const BUCKET = "/accounts/:account/r2/buckets/:bucket";

const managedBody = z.object({ enabled: z.boolean() });

/** The vendor's public development URL of a bucket; never enabled here. */
function describeManagedDomain({ account, name }: Bucket) {
  const bucketId = createHash("sha256").update(`${account}/${name}`).digest("hex").slice(0, 32);
  return { bucketId, domain: `pub-${bucketId}.r2.dev`, enabled: false };
}

/**
 * A bucket's settings. CORS rules take effect at the S3 API. Lifecycle rules are kept and returned
 * but never carried out. Locks and public access, whose absence would be a false promise, are
 * refused as for an account that may not use them.
 * @see https://developers.cloudflare.com/api/resources/r2/subresources/buckets/
 */
export function settingsRoutes(cloud: CloudContext) {
  const bucketOf = (c: ApiContext) =>
    requireBucket(cloud, c.get("accountId"), c.req.param("bucket") ?? "");

  return new Hono<ApiEnv>()
    .get(`${BUCKET}/cors`, (c) => {
      const { cors } = bucketOf(c).body;
      if (cors === undefined) throw noCorsConfiguration();
      return ok(c, { rules: cors });
    })
    .put(`${BUCKET}/cors`, async (c) => {
      const bucket = bucketOf(c);
      const { rules } = await jsonBody(c, corsBody, INVALID_ARGUMENT);
      changeBucket(cloud, bucket, (body) => ({ ...body, cors: rules }));
      return ok(c, {});
    })
    .delete(`${BUCKET}/cors`, (c) => {
      changeBucket(cloud, bucketOf(c), ({ cors: _, ...body }) => body);
      return ok(c, {});
    })
    .get(`${BUCKET}/lifecycle`, (c) => ok(c, { rules: bucketOf(c).body.lifecycle }))
    .put(`${BUCKET}/lifecycle`, async (c) => {
      const bucket = bucketOf(c);
      const { rules } = await jsonBody(c, lifecycleBody, INVALID_ARGUMENT);
      changeBucket(cloud, bucket, (body) => ({ ...body, lifecycle: rules }));
      return ok(c, {});
    })
    .get(`${BUCKET}/lock`, (c) => {
      bucketOf(c);
      return ok(c, { rules: [] });
    })
    .put(`${BUCKET}/lock`, async (c) => {
      bucketOf(c);
      const { rules } = await jsonBody(c, lockBody, INVALID_ARGUMENT);
      if (rules.length > 0) throw notEntitled("bucket locks are not enforced by the local cloud");
      return ok(c, {});
    })
    .get(`${BUCKET}/domains/custom`, (c) => {
      bucketOf(c);
      return ok(c, { domains: [] });
    })
    .get(`${BUCKET}/domains/managed`, (c) => ok(c, describeManagedDomain(bucketOf(c))))
    .put(`${BUCKET}/domains/managed`, async (c) => {
      const bucket = bucketOf(c);
      const { enabled } = await jsonBody(c, managedBody, INVALID_ARGUMENT);
      if (enabled) throw notEntitled("public access to buckets is not served by the local cloud");
      return ok(c, describeManagedDomain(bucket));
    });
}
