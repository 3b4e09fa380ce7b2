import { ApiError } from "../../shared/worker/http.ts";
import type { Bindings } from "./environment.ts";

/** Attempts per e-mail address and window: enough for a person, too few to guess a password. */
const MAX_ATTEMPTS = 10;
const WINDOW_SECONDS = 15 * 60;

/**
 * Counts an attempt to log in, before the password is looked at, so that attempts made at once are
 * counted too. Unknown addresses count like known ones: a limit must not tell who has an account.
 *
 * @throws ApiError 429 with a Retry-After once there were too many.
 */
export async function countLoginAttempt(env: Bindings, email: string): Promise<void> {
  const now = Date.now();
  const windowEnd = new Date(now + WINDOW_SECONDS * 1000).toISOString();
  const [, counted] = await env.DB.batch<{ attempts: number; window_ends_at: string }>([
    env.DB.prepare("DELETE FROM login_attempts WHERE window_ends_at <= ?").bind(
      new Date(now).toISOString(),
    ),
    env.DB.prepare(
      `INSERT INTO login_attempts (email, attempts, window_ends_at) VALUES (?, 1, ?)
       ON CONFLICT (email) DO UPDATE SET attempts = attempts + 1
       RETURNING attempts, window_ends_at`,
    ).bind(email, windowEnd),
  ]);
  const row = counted?.results[0];
  if (!row || row.attempts > MAX_ATTEMPTS) {
    const seconds = Math.ceil((Date.parse(row?.window_ends_at ?? windowEnd) - now) / 1000);
    throw new ApiError(
      429,
      `Too many attempts to log in. Try again in ${Math.ceil(seconds / 60)} minutes.`,
      {},
      { headers: { "Retry-After": String(seconds) } },
    );
  }
}

/** Forgets the attempts after a successful login. */
export async function forgetLoginAttempts(env: Bindings, email: string): Promise<void> {
  await env.DB.prepare("DELETE FROM login_attempts WHERE email = ?").bind(email).run();
}
