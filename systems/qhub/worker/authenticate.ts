import { createMiddleware } from "hono/factory";
import { sha256Hex } from "../../shared/worker/encoding.ts";
import { ApiError } from "../../shared/worker/http.ts";
import type { AppEnv, Bindings, Principal } from "./environment.ts";
import { verifyToken } from "./tokens.ts";

/** What tells an API key from a session token. */
export const API_KEY_PREFIX = "qhub_";

/** Lets a request through only with a live session token or a live API key as its bearer token. */
export const authenticate = createMiddleware<AppEnv>(async (c, next) => {
  const credential = /^Bearer (\S+)$/.exec(c.req.header("Authorization") ?? "")?.[1];
  const principal = credential ? await principalOf(c.env, credential) : undefined;
  if (!principal) {
    throw new ApiError(401, "Authentication required");
  }
  c.set("principal", principal);
  await next();
});

function principalOf(env: Bindings, credential: string): Promise<Principal | undefined> {
  return credential.startsWith(API_KEY_PREFIX)
    ? principalOfApiKey(env, credential)
    : principalOfToken(env, credential);
}

async function principalOfToken(env: Bindings, token: string): Promise<Principal | undefined> {
  const claims = await verifyToken(env, token);
  if (!claims) {
    return undefined;
  }
  // A signature alone is not enough: logging out must end the session before the token expires.
  const session = await env.DB.prepare(
    `UPDATE user_sessions SET last_seen_at = ?3
     WHERE id = ?1 AND user_id = ?2 AND revoked_at IS NULL AND expires_at > ?3
     RETURNING id`,
  )
    .bind(claims.sessionId, claims.userId, new Date().toISOString())
    .first();
  return session ? claims : undefined;
}

async function principalOfApiKey(env: Bindings, key: string): Promise<Principal | undefined> {
  const row = await env.DB.prepare(
    `UPDATE api_keys SET last_used_at = ?2
     WHERE key_hash = ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)
     RETURNING user_id`,
  )
    .bind(await sha256Hex(key), new Date().toISOString())
    .first<{ user_id: string }>();
  return row ? { userId: row.user_id } : undefined;
}
