import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./environment.ts";

export type FileAction =
  | "upload"
  | "download"
  | "inspect"
  | "list"
  | "delete"
  | "multipart_create"
  | "multipart_part"
  | "multipart_complete"
  | "multipart_abort";

/**
 * Writes one row to file_access_logs for the request, whether it succeeded or not, before the
 * answer leaves: an operation that cannot be logged is answered as a failure.
 */
export function logged(action: FileAction) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const started = Date.now();
    await next();
    const status = c.res.status;
    await c.env.DB.prepare(
      `INSERT INTO file_access_logs
         (file_id, user_id, action, succeeded, status_code, bytes_transferred, duration_ms,
          ip_address, user_agent)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
      .bind(
        c.var.fileId ?? null,
        c.var.userId,
        action,
        status < 400 ? 1 : 0,
        status,
        c.var.bytes ?? 0,
        Date.now() - started,
        ...callerOf(c),
      )
      .run();
  });
}

/** Remembers a security event of the request. */
export async function recordSecurityEvent(
  c: Context<AppEnv>,
  kind: "access_denied" | "checksum_mismatch",
  fileId: string,
): Promise<void> {
  await c.env.DB.prepare(
    `INSERT INTO security_events (user_id, file_id, kind, severity, ip_address, user_agent)
     VALUES (?, ?, ?, 'medium', ?, ?)`,
  )
    .bind(c.var.userId, fileId, kind, ...callerOf(c))
    .run();
}

/**
 * A statement that adds what a user did to the audit trail, for use in a batch; without effect when
 * the batch has not created the user after all.
 */
export function auditStatement(
  c: Context<AppEnv>,
  userId: string,
  action: string,
  subject: { readonly type: "user" | "file" | "api_key" | "upload"; readonly id: string },
): D1PreparedStatement {
  return c.env.DB.prepare(
    `INSERT INTO audit_logs (user_id, action, subject_type, subject_id, ip_address, user_agent)
     SELECT id, ?2, ?3, ?4, ?5, ?6 FROM users WHERE id = ?1`,
  ).bind(userId, action, subject.type, subject.id, ...callerOf(c));
}

function callerOf(c: Context<AppEnv>): [ip: string | null, userAgent: string | null] {
  return [c.req.header("CF-Connecting-IP") ?? null, c.req.header("User-Agent") ?? null];
}
