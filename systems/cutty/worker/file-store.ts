import type { Context } from "hono";
import { ApiError } from "../../shared/worker/http.ts";
import { recordSecurityEvent } from "./access-log.ts";
import type { AppEnv } from "./environment.ts";

/** Hours after which an upload that never finished no longer counts against the quota. */
export const UNFINISHED_HOURS = 24;

export interface FileRow {
  readonly id: string;
  readonly user_id: string;
  readonly filename: string;
  readonly r2_key: string;
  readonly mime_type: string;
  readonly size_bytes: number;
  readonly checksum: string;
  readonly checksum_type: string;
  readonly created_at: string;
}

export interface NewFile {
  readonly filename: string;
  readonly mimeType: string;
  /** Bytes. */
  readonly size: number;
}

/** The name a file may have; throws ApiError 400 otherwise. */
export function validFilename(name: string | undefined): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
  if (!name || name.length > 255 || /[\u0000-\u001f\u007f/\\]/.test(name)) {
    throw new ApiError(
      400,
      "The filename must have 1 to 255 characters, none of them a slash or a control character.",
    );
  }
  return name;
}

/** A media type as the client declared it, or the neutral one where it could not be a header. */
export function mimeTypeOf(declared: string | undefined): string {
  return declared && /^[\w.+-]+\/[\w.+-]+(;[ -~]*)?$/.test(declared)
    ? declared
    : "application/octet-stream";
}

/**
 * Reserves room and a row (status `pending`) for a file, in one statement, so that uploads
 * running at once cannot exceed the quota together.
 *
 * @throws ApiError 507 when the caller's quota leaves too little room.
 */
export async function reserveFile(
  c: Context<AppEnv>,
  file: NewFile,
): Promise<{ id: string; r2Key: string }> {
  const id = crypto.randomUUID();
  const { userId } = c.var;
  const r2Key = `${userId}/${id}`;
  const countedSince = new Date(Date.now() - UNFINISHED_HOURS * 3_600_000).toISOString();
  const row = await c.env.DB.prepare(
    `INSERT INTO files (id, user_id, filename, r2_key, mime_type, size_bytes)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6 FROM user_quotas
     WHERE user_id = ?2 AND max_bytes >= used_bytes + ?6 + (
       SELECT COALESCE(SUM(size_bytes), 0) FROM files
       WHERE user_id = ?2 AND status = 'pending' AND created_at > ?7
     )
     RETURNING id`,
  )
    .bind(id, userId, file.filename, r2Key, file.mimeType, file.size, countedSince)
    .first();
  if (!row) {
    throw new ApiError(507, "Your quota leaves no room for this file. Delete files first.");
  }
  c.set("fileId", id);
  return { id, r2Key };
}

/** Marks a reserved file as failed, which frees its room. */
export async function failFile(c: Context<AppEnv>, id: string, reason: string): Promise<void> {
  await c.env.DB.prepare(
    "UPDATE files SET status = 'failed', error = ? WHERE id = ? AND status = 'pending'",
  )
    .bind(reason, id)
    .run();
}

/**
 * The completed file with this id, if the caller may read it (`read`) or owns it (`own`).
 *
 * @throws ApiError 404 when there is none, 403 (and a security event) when it is someone else's.
 */
export async function findFile(
  c: Context<AppEnv>,
  id: string,
  need: "read" | "own",
): Promise<FileRow> {
  const row = await c.env.DB.prepare(
    `SELECT files.*, EXISTS (
       SELECT 1 FROM file_readers WHERE file_id = files.id AND user_id = ?2
     ) AS readable
     FROM files WHERE id = ?1 AND status = 'completed'`,
  )
    .bind(id, c.var.userId)
    .first<FileRow & { readable: number }>();
  if (!row) {
    throw new ApiError(404, "There is no file with this id.");
  }
  c.set("fileId", row.id);
  const allowed = row.user_id === c.var.userId || (need === "read" && row.readable === 1);
  if (!allowed) {
    await recordSecurityEvent(c, "access_denied", row.id);
    throw new ApiError(403, "This file belongs to another user.");
  }
  return row;
}

/** How the API shows a file. */
export function publicFile(row: FileRow) {
  return {
    id: row.id,
    filename: row.filename,
    mimeType: row.mime_type,
    sizeBytes: row.size_bytes,
    checksum: row.checksum,
    checksumType: row.checksum_type,
    createdAt: row.created_at,
  };
}
