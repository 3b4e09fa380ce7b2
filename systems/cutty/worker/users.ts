import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import { randomHex, sha256Hex } from "../../shared/worker/encoding.ts";
import { ApiError, readJson } from "../../shared/worker/http.ts";
import { auditStatement } from "./access-log.ts";
import { authenticate } from "./authenticate.ts";
import type { AppEnv } from "./environment.ts";

const KEY_BYTES = 32;

const NewUser = z.object({
  email: z
    .string()
    .check(z.trim(), z.toLowerCase(), z.maxLength(254), z.email("must be an e-mail address")),
  username: z
    .string()
    .check(z.regex(/^[A-Za-z0-9_-]{3,32}$/, "must be 3 to 32 letters, digits, - or _")),
});

const NewKey = z.object({
  name: z.string().check(z.minLength(1, "must not be empty"), z.maxLength(64)),
});

/** Signing up, the caller's own account and its API keys. */
export const users = new Hono<AppEnv>();

/** Creates a user with a first API key, which is shown once; only its SHA-256 is stored. */
users.post("/", async (c) => {
  if (c.env.SIGN_UP !== "open") {
    throw new ApiError(403, "Sign-up is closed here. Ask the operator for an account.");
  }
  const { email, username } = await readJson(c, NewUser);
  const id = crypto.randomUUID();
  const { apiKey, statements } = await newApiKey(c, id, "first");
  // One batch is one transaction: a user without a key could never come in.
  const [created] = await c.env.DB.batch([
    c.env.DB.prepare(
      "INSERT INTO users (id, email, username) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
    ).bind(id, email, username),
    ...statements,
  ]);
  if (!created?.results[0]) {
    throw new ApiError(409, "Email or username is already registered");
  }
  return c.json({ user: { id, email, username }, apiKey }, 201);
});

users.get("/me", authenticate, async (c) => {
  const summary = await c.env.DB.prepare(
    `SELECT user_id AS id, username, used_bytes AS usedBytes, max_bytes AS maxBytes,
            completed_files AS completedFiles
     FROM user_storage_summary WHERE user_id = ?`,
  )
    .bind(c.var.userId)
    .first();
  return c.json({ user: summary, environment: c.env.ENVIRONMENT });
});

users.post("/me/api-keys", authenticate, async (c) => {
  const { name } = await readJson(c, NewKey);
  const { apiKey, statements } = await newApiKey(c, c.var.userId, name);
  await c.env.DB.batch(statements);
  return c.json({ apiKey }, 201);
});

users.delete("/me/api-keys/:id", authenticate, async (c) => {
  const id = c.req.param("id");
  const revoked = await c.env.DB.prepare(
    `UPDATE api_keys SET revoked_at = ?
     WHERE id = ? AND user_id = ? AND revoked_at IS NULL RETURNING id`,
  )
    .bind(new Date().toISOString(), id, c.var.userId)
    .first();
  if (!revoked) {
    throw new ApiError(404, "You have no live API key with this id.");
  }
  await auditStatement(c, c.var.userId, "api_key.revoked", { type: "api_key", id }).run();
  return c.body(null, 204);
});

interface NewApiKey {
  readonly apiKey: { readonly id: string; readonly name: string; readonly key: string };
  /** What stores it, without effect when the user does not exist. */
  readonly statements: D1PreparedStatement[];
}

async function newApiKey(c: Context<AppEnv>, userId: string, name: string): Promise<NewApiKey> {
  const id = crypto.randomUUID();
  const key = `cutty_${randomHex(KEY_BYTES)}`;
  const insert = c.env.DB.prepare(
    `INSERT INTO api_keys (id, user_id, name, key_hash)
     SELECT ?1, id, ?3, ?4 FROM users WHERE id = ?2`,
  ).bind(id, userId, name, await sha256Hex(key));
  return {
    apiKey: { id, name, key },
    statements: [insert, auditStatement(c, userId, "api_key.created", { type: "api_key", id })],
  };
}
