import { createMiddleware } from "hono/factory";
import { sha256Hex } from "../../shared/worker/encoding.ts";
import { ApiError } from "../../shared/worker/http.ts";
import type { AppEnv } from "./environment.ts";

/** Lets a request through only with a live API key of an active user as its bearer token. */
export const authenticate = createMiddleware<AppEnv>(async (c, next) => {
  const key = /^Bearer (\S+)$/.exec(c.req.header("Authorization") ?? "")?.[1];
  const owner = key ? await ownerOf(c.env.DB, key) : undefined;
  if (!owner) {
    throw new ApiError(401, "Authentication required");
  }
  c.set("userId", owner);
  await next();
});

async function ownerOf(db: D1Database, key: string): Promise<string | undefined> {
  const row = await db
    .prepare(
      `UPDATE api_keys SET last_used_at = ?2
       WHERE key_hash = ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)
         AND (SELECT is_active FROM users WHERE users.id = api_keys.user_id) = 1
       RETURNING user_id`,
    )
    .bind(await sha256Hex(key), new Date().toISOString())
    .first<{ user_id: string }>();
  return row?.user_id;
}
