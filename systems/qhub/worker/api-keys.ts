import { Hono } from "hono";
import * as z from "zod/mini";
import { randomHex, sha256Hex } from "../../shared/worker/encoding.ts";
import { ApiError, readJson } from "../../shared/worker/http.ts";
import { API_KEY_PREFIX, authenticate } from "./authenticate.ts";
import type { AppEnv } from "./environment.ts";

const KEY_BYTES = 32;
/** How much of a key is kept readable, so that its owner recognises it in a list. */
const VISIBLE_CHARACTERS = API_KEY_PREFIX.length + 6;

const NewKey = z.object({
  name: z.string().check(z.minLength(1, "must not be empty"), z.maxLength(64)),
  expiresAt: z.optional(z.iso.datetime("must be an ISO date and time in UTC")),
});

/** The caller's API keys. A key is shown once, when created; only its SHA-256 is stored. */
export const apiKeys = new Hono<AppEnv>();

apiKeys.post("/", authenticate, async (c) => {
  const { name, expiresAt } = await readJson(c, NewKey);
  const id = crypto.randomUUID();
  const key = `${API_KEY_PREFIX}${randomHex(KEY_BYTES)}`;
  await c.env.DB.prepare(
    `INSERT INTO api_keys (id, user_id, name, key_hash, key_prefix, expires_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
  )
    .bind(
      id,
      c.var.principal.userId,
      name,
      await sha256Hex(key),
      key.slice(0, VISIBLE_CHARACTERS),
      expiresAt ? new Date(expiresAt).toISOString() : null,
    )
    .run();
  return c.json({ id, name, key }, 201);
});

apiKeys.get("/", authenticate, async (c) => {
  const { results } = await c.env.DB.prepare(
    `SELECT id, name, key_prefix AS prefix, created_at AS createdAt, expires_at AS expiresAt,
            last_used_at AS lastUsedAt, revoked_at AS revokedAt
     FROM api_keys WHERE user_id = ? ORDER BY created_at, id`,
  )
    .bind(c.var.principal.userId)
    .all();
  return c.json({ apiKeys: results });
});

apiKeys.delete("/:id", authenticate, async (c) => {
  const revoked = await c.env.DB.prepare(
    `UPDATE api_keys SET revoked_at = ?
     WHERE id = ? AND user_id = ? AND revoked_at IS NULL RETURNING id`,
  )
    .bind(new Date().toISOString(), c.req.param("id"), c.var.principal.userId)
    .first();
  if (!revoked) {
    throw new ApiError(404, "You have no live API key with this id.");
  }
  return c.body(null, 204);
});
