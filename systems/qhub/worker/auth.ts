import { Hono } from "hono";
import * as z from "zod/mini";
import { ApiError, readJson } from "../../shared/worker/http.ts";
import { authenticate } from "./authenticate.ts";
import type { AppEnv, Bindings } from "./environment.ts";
import { countLoginAttempt, forgetLoginAttempts } from "./login-attempts.ts";
import { hashPassword, verifyAgainstNobody, verifyPassword } from "./passwords.ts";
import { issueToken, SESSION_SECONDS } from "./tokens.ts";

const email = z
  .string()
  .check(z.trim(), z.toLowerCase(), z.maxLength(254), z.email("must be an e-mail address"));

const Registration = z.object({
  email,
  password: z
    .string()
    .check(
      z.minLength(8, "must have at least 8 characters"),
      z.maxLength(128, "must have at most 128 characters"),
    ),
  username: z
    .string()
    .check(z.regex(/^[A-Za-z0-9_-]{3,32}$/, "must be 3 to 32 letters, digits, - or _")),
});

const Credentials = z.object({ email, password: z.string().check(z.maxLength(128)) });

interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly username: string;
  readonly created_at: string;
}

/** Registration, login, logout and the caller's own account. */
export const auth = new Hono<AppEnv>();

auth.post("/register", async (c) => {
  const { email, password, username } = await readJson(c, Registration);
  const user = await c.env.DB.prepare(
    `INSERT INTO users (id, email, username, password_hash) VALUES (?, ?, ?, ?)
     ON CONFLICT DO NOTHING
     RETURNING id, email, username, created_at`,
  )
    .bind(crypto.randomUUID(), email, username, await hashPassword(password))
    .first<UserRow>();
  if (!user) {
    throw new ApiError(409, "Email or username is already registered");
  }
  return c.json({ user: publicUser(user), ...(await openSession(c.env, user.id, c.req.raw)) }, 201);
});

auth.post("/login", async (c) => {
  const { email, password } = await readJson(c, Credentials);
  await countLoginAttempt(c.env, email);
  const user = await c.env.DB.prepare(
    "SELECT id, email, username, created_at, password_hash FROM users WHERE email = ?",
  )
    .bind(email)
    .first<UserRow & { password_hash: string }>();
  const accepted = user
    ? await verifyPassword(password, user.password_hash)
    : await verifyAgainstNobody(password);
  if (!user || !accepted) {
    throw new ApiError(401, "Invalid email or password");
  }
  await forgetLoginAttempts(c.env, email);
  return c.json({ user: publicUser(user), ...(await openSession(c.env, user.id, c.req.raw)) });
});

auth.get("/me", authenticate, async (c) => {
  const user = await c.env.DB.prepare(
    "SELECT id, email, username, created_at FROM users WHERE id = ?",
  )
    .bind(c.var.principal.userId)
    .first<UserRow>();
  if (!user) {
    throw new ApiError(401, "Authentication required");
  }
  return c.json({ user: publicUser(user), environment: c.env.ENVIRONMENT });
});

auth.post("/logout", authenticate, async (c) => {
  const { userId, sessionId } = c.var.principal;
  if (!sessionId) {
    throw new ApiError(400, "An API key has no session to end. Revoke the key instead.");
  }
  await c.env.DB.prepare("UPDATE user_sessions SET revoked_at = ? WHERE id = ? AND user_id = ?")
    .bind(new Date().toISOString(), sessionId, userId)
    .run();
  return c.body(null, 204);
});

async function openSession(
  env: Bindings,
  userId: string,
  request: Request,
): Promise<{ token: string; expiresAt: string }> {
  const sessionId = crypto.randomUUID();
  const expiresAt = new Date(Date.now() + SESSION_SECONDS * 1000);
  const token = await issueToken(env, { userId, sessionId }, expiresAt);
  await env.DB.prepare(
    `INSERT INTO user_sessions (id, user_id, user_agent, ip_address, expires_at)
     VALUES (?, ?, ?, ?, ?)`,
  )
    .bind(
      sessionId,
      userId,
      request.headers.get("User-Agent"),
      request.headers.get("CF-Connecting-IP"),
      expiresAt.toISOString(),
    )
    .run();
  return { token, expiresAt: expiresAt.toISOString() };
}

function publicUser(row: UserRow) {
  return { id: row.id, email: row.email, username: row.username, createdAt: row.created_at };
}
