import type { Context } from "hono";
import { ApiError } from "../../shared/worker/http.ts";
import type { AppEnv } from "./environment.ts";
import { failFile } from "./file-store.ts";

export interface UploadRow {
  readonly id: string;
  readonly file_id: string;
  readonly r2_upload_id: string;
  readonly r2_key: string;
  /** Bytes that the client announced and that are reserved in its quota. */
  readonly size_bytes: number;
  /** `completing` from the decision to assemble the parts until the file is recorded. */
  readonly status: "active" | "completing";
  readonly expires_at: string;
}

/** The caller's upload with this id that takes parts. @throws ApiError 404, or 410 when expired. */
export async function activeUpload(c: Context<AppEnv>): Promise<UploadRow> {
  const upload = await unfinishedUpload(c);
  if (upload.status === "completing") {
    throw new ApiError(409, "This upload is being completed. Repeat that to finish it.");
  }
  return upload;
}

/** The caller's upload with this id that is not over. @throws ApiError 404, or 410 when expired. */
export async function unfinishedUpload(c: Context<AppEnv>): Promise<UploadRow> {
  const upload = await c.env.DB.prepare(
    `SELECT multipart_uploads.id, file_id, r2_upload_id, r2_key, size_bytes,
            multipart_uploads.status, expires_at
     FROM multipart_uploads JOIN files ON files.id = multipart_uploads.file_id
     WHERE multipart_uploads.id = ? AND multipart_uploads.user_id = ?
       AND multipart_uploads.status IN ('active', 'completing')`,
  )
    .bind(c.req.param("id") ?? "", c.var.userId)
    .first<UploadRow>();
  if (!upload) {
    throw new ApiError(404, "You have no active upload with this id.");
  }
  c.set("fileId", upload.file_id);
  // One that is completing may have its object in the bucket already: it must be finished.
  if (upload.status === "active" && upload.expires_at <= new Date().toISOString()) {
    await finishUpload(c, upload.id, "expired").run();
    await failFile(c, upload.file_id, "upload expired");
    throw new ApiError(410, "This upload has expired. Start a new one.");
  }
  return upload;
}

/** Moves an upload between its two states; one that another request has finished stays finished. */
export async function markUpload(
  c: Context<AppEnv>,
  id: string,
  status: UploadRow["status"],
): Promise<void> {
  await c.env.DB.prepare(
    "UPDATE multipart_uploads SET status = ? WHERE id = ? AND finished_at IS NULL",
  )
    .bind(status, id)
    .run();
}

/** A statement that ends an upload, for use in a batch. */
export function finishUpload(
  c: Context<AppEnv>,
  id: string,
  status: "completed" | "aborted" | "expired",
): D1PreparedStatement {
  return c.env.DB.prepare(
    "UPDATE multipart_uploads SET status = ?, finished_at = ? WHERE id = ?",
  ).bind(status, new Date().toISOString(), id);
}

/**
 * Reserves a part's share of the announced size before its content is stored, in one statement, so
 * that parts sent at once cannot exceed the size, and with it the quota, together. A part that was
 * sent before gives its share back.
 *
 * @throws ApiError 413 when the other parts leave too little.
 */
export async function reservePart(
  c: Context<AppEnv>,
  upload: UploadRow,
  number: number,
  length: number,
): Promise<void> {
  const row = await c.env.DB.prepare(
    `INSERT INTO multipart_upload_parts (upload_id, part_number, size_bytes)
     SELECT ?1, ?2, ?3
     WHERE ?4 >= ?3 + (
       SELECT COALESCE(SUM(size_bytes), 0) FROM multipart_upload_parts
       WHERE upload_id = ?1 AND part_number <> ?2
     )
     ON CONFLICT (upload_id, part_number) DO UPDATE SET
       size_bytes = excluded.size_bytes, etag = NULL, sha256 = NULL, uploaded_at = NULL
     RETURNING part_number`,
  )
    .bind(upload.id, number, length, upload.size_bytes)
    .first();
  if (!row) {
    throw new ApiError(
      413,
      `With this part, the upload would exceed the ${upload.size_bytes} bytes that it announced.`,
    );
  }
}

/** Takes a reservation back whose content could not be stored. */
export async function releasePart(
  c: Context<AppEnv>,
  upload: UploadRow,
  number: number,
): Promise<void> {
  await c.env.DB.prepare(
    "DELETE FROM multipart_upload_parts WHERE upload_id = ? AND part_number = ? AND etag IS NULL",
  )
    .bind(upload.id, number)
    .run();
}

/**
 * Records a part whose content is stored.
 *
 * @throws ApiError 409 when the reservation is no longer the one of this content.
 */
export async function recordPart(
  c: Context<AppEnv>,
  upload: UploadRow,
  number: number,
  part: { readonly etag: string; readonly sha256: string; readonly length: number },
): Promise<void> {
  const row = await c.env.DB.prepare(
    `UPDATE multipart_upload_parts SET etag = ?, sha256 = ?, uploaded_at = ?
     WHERE upload_id = ? AND part_number = ? AND size_bytes = ? RETURNING part_number`,
  )
    .bind(part.etag, part.sha256, new Date().toISOString(), upload.id, number, part.length)
    .first();
  if (!row) {
    throw new ApiError(409, `Part ${number} was sent twice at once. Send it again.`);
  }
}
