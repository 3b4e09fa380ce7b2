import { Hono } from "hono";
import { z } from "zod";
import { type AccessKey, AccessKeys, type KeyGrant } from "../../access-keys.ts";
import { Buckets } from "../../object-storage/buckets.ts";
import { DIALECTS } from "../../object-storage/dialect.ts";
import { jsonBody, notFound, page, unprocessable } from "../envelope.ts";
import type { DigitalOceanContext, DigitalOceanEnv, DigitalOceanService } from "../service.ts";
import { withUniqueName } from "../unique-name.ts";

const KEY = "/spaces/keys/:key";

const name = z.string().min(1).max(255);
const grants = z.array(
  z.strictObject({
    bucket: z.string(),
    permission: z.enum(["read", "readwrite", "fullaccess"]),
  }),
);
const createBody = z.strictObject({ name, grants: grants.optional() });
const patchBody = z.strictObject({ name: name.optional(), grants: grants.optional() });
const putBody = z.strictObject({ name, grants });

/**
 * Keys of Spaces, each for some buckets or for all. The secret is in the answer to the creation only.
 * The buckets themselves are made by the S3 API; projects hold them.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Spaces-Keys
 */
export const spacesKeyService: DigitalOceanService = {
  name: "spaces-keys",
  resources: (cloud, accountId) =>
    new Buckets(cloud.store, DIALECTS.digitalocean)
      .ownedBy(accountId)
      .map(({ name, createdAt }) => ({ urn: `do:space:${name}`, name, createdAt })),
  routes(cloud) {
    const keys = new AccessKeys(cloud);
    const keyOf = (c: DigitalOceanContext): AccessKey => {
      const key = keys.find(c.req.param("key") ?? "");
      if (key?.body.vendor !== "digitalocean" || key.body.accountId !== c.get("accountId")) {
        throw notFound("key");
      }
      return key;
    };
    const describeKey = (key: AccessKey) => ({
      name: keys.labelOf(key),
      access_key: key.id,
      grants: key.body.grants,
      created_at: key.createdAt,
    });
    const change = async (c: DigitalOceanContext, schema: typeof patchBody | typeof putBody) => {
      const key = keyOf(c);
      const request = await jsonBody(c, schema);
      const label = request.name ?? keys.labelOf(key);
      const granted = request.grants ?? key.body.grants;
      checkGrants(granted);
      return c.json({
        key: describeKey(withUniqueName("key", label, () => keys.change(key.id, label, granted))),
      });
    };

    return new Hono<DigitalOceanEnv>()
      .get("/spaces/keys", (c) => {
        const bucket = c.req.query("bucket");
        const listed = keys
          .list("digitalocean", c.get("accountId"))
          .filter(({ body }) => bucket === undefined || reaches(body.grants, bucket));
        return page(c, "keys", listed, describeKey);
      })
      .post("/spaces/keys", async (c) => {
        const { name: label, grants: granted = [] } = await jsonBody(c, createBody);
        checkGrants(granted);
        const { key, secret } = withUniqueName("key", label, () =>
          keys.issue({
            vendor: "digitalocean",
            accountId: c.get("accountId"),
            label,
            grants: granted,
          }),
        );
        return c.json({ key: { ...describeKey(key), secret_key: secret } }, 201);
      })
      .get(KEY, (c) => c.json({ key: describeKey(keyOf(c)) }))
      .put(KEY, (c) => change(c, putBody))
      .patch(KEY, (c) => change(c, patchBody))
      .delete(KEY, (c) => {
        keys.remove(keyOf(c).id);
        return c.body(null, 204);
      });
  },
};

const reaches = (granted: readonly KeyGrant[], bucket: string): boolean =>
  granted.some((grant) => grant.bucket === bucket || grant.permission === "fullaccess");

/** Full access is to all buckets; whatever is less names its bucket, and the two do not go together. */
function checkGrants(granted: readonly KeyGrant[]): void {
  const full = granted.filter(({ permission }) => permission === "fullaccess");
  if (full.length > 0 && granted.length > 1) {
    throw unprocessable("grants: fullaccess cannot be combined with other grants. Give it alone.");
  }
  if (full.some(({ bucket }) => bucket !== "")) {
    throw unprocessable("grants: fullaccess is to all buckets. Leave its bucket empty.");
  }
  if (granted.some(({ bucket, permission }) => permission !== "fullaccess" && bucket === "")) {
    throw unprocessable("grants: read and readwrite are to one bucket. Name it.");
  }
  if (new Set(granted.map(({ bucket }) => bucket)).size < granted.length) {
    throw unprocessable("grants: name a bucket twice. Give each bucket one permission.");
  }
}
