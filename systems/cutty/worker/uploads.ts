import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import { ApiError, readJson } from "../../shared/worker/http.ts";
import { logged } from "./access-log.ts";
import { authenticate } from "./authenticate.ts";
import type { AppEnv } from "./environment.ts";
import {
  type FileRow,
  failFile,
  mimeTypeOf,
  publicFile,
  reserveFile,
  UNFINISHED_HOURS,
  validFilename,
} from "./file-store.ts";
import { storeHashed } from "./hashed-stream.ts";
import { combinedChecksum, type PartRow, partProblems } from "./parts.ts";
import { sizedBody } from "./request-body.ts";

const MAX_PARTS = 10_000;

const NewUpload = z.object({
  filename: z.string(),
  mimeType: z.optional(z.string()),
  sizeBytes: z.int("must be the file's size in bytes").check(z.positive()),
});

interface UploadRow {
  readonly id: string;
  readonly file_id: string;
  readonly r2_upload_id: string;
  readonly r2_key: string;
  readonly size_bytes: number;
  readonly expires_at: string;
}

/** Files in parts: create, send parts in any order, complete or abort. */
export const uploads = new Hono<AppEnv>();
uploads.use(authenticate);

uploads.post("/", logged("multipart_create"), async (c) => {
  const { filename, mimeType, sizeBytes } = await readJson(c, NewUpload);
  const file = {
    filename: validFilename(filename),
    mimeType: mimeTypeOf(mimeType),
    size: sizeBytes,
  };
  const { id: fileId, r2Key } = await reserveFile(c, file);
  const r2 = await c.env.FILES.createMultipartUpload(r2Key, {
    httpMetadata: { contentType: file.mimeType },
    customMetadata: { fileId },
  });
  const id = crypto.randomUUID();
  const expiresAt = new Date(Date.now() + UNFINISHED_HOURS * 3_600_000).toISOString();
  await c.env.DB.prepare(
    `INSERT INTO multipart_uploads (id, file_id, user_id, r2_upload_id, expires_at)
     VALUES (?, ?, ?, ?, ?)`,
  )
    .bind(id, fileId, c.var.userId, r2.uploadId, expiresAt)
    .run();
  return c.json({ upload: { id, fileId, expiresAt } }, 201);
});

uploads.put("/:id/parts/:number", logged("multipart_part"), async (c) => {
  const upload = await activeUpload(c);
  const number = Number(c.req.param("number"));
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
    throw new ApiError(400, `A part's number is a whole number from 1 to ${MAX_PARTS}.`);
  }
  const { stream, length } = sizedBody(c);
  const r2 = c.env.FILES.resumeMultipartUpload(upload.r2_key, upload.r2_upload_id);
  const { result, sha256 } = await storeHashed(stream, length, (content) =>
    r2.uploadPart(number, content),
  );
  await c.env.DB.prepare(
    `INSERT INTO multipart_upload_parts (upload_id, part_number, etag, sha256, size_bytes)
     VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (upload_id, part_number) DO UPDATE SET
       etag = excluded.etag, sha256 = excluded.sha256, size_bytes = excluded.size_bytes`,
  )
    .bind(upload.id, number, result.etag, sha256, length)
    .run();
  c.set("bytes", length);
  return c.json({ part: { number, sizeBytes: length, sha256 } });
});

uploads.post("/:id/complete", logged("multipart_complete"), async (c) => {
  const upload = await activeUpload(c);
  const { results: parts } = await c.env.DB.prepare(
    `SELECT part_number, etag, sha256, size_bytes FROM multipart_upload_parts
     WHERE upload_id = ? ORDER BY part_number`,
  )
    .bind(upload.id)
    .all<PartRow>();
  const problem = partProblems(parts, upload.size_bytes);
  if (problem) {
    throw new ApiError(409, problem);
  }
  if (!(await moveUpload(c, upload.id, "active", "completing"))) {
    throw new ApiError(409, "This upload is being completed by another request.");
  }
  try {
    await c.env.FILES.resumeMultipartUpload(upload.r2_key, upload.r2_upload_id).complete(
      parts.map((part) => ({ partNumber: part.part_number, etag: part.etag })),
    );
  } catch (cause) {
    await moveUpload(c, upload.id, "completing", "active");
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(422, `R2 did not accept the parts: ${reason}`, {}, { cause });
  }
  const [file] = await c.env.DB.batch<FileRow>([
    c.env.DB.prepare(
      `UPDATE files SET status = 'completed', checksum = ?, checksum_type = 'sha256-parts'
       WHERE id = ? RETURNING *`,
    ).bind(await combinedChecksum(parts), upload.file_id),
    finishUpload(c, upload.id, "completed"),
  ]);
  const row = file?.results[0];
  if (!row) {
    throw new ApiError(409, "The file was removed while it was uploaded.");
  }
  return c.json({ file: publicFile(row) }, 201);
});

uploads.delete("/:id", logged("multipart_abort"), async (c) => {
  const upload = await activeUpload(c);
  await c.env.FILES.resumeMultipartUpload(upload.r2_key, upload.r2_upload_id).abort();
  await finishUpload(c, upload.id, "aborted").run();
  await failFile(c, upload.file_id, "upload aborted");
  return c.body(null, 204);
});

async function activeUpload(c: Context<AppEnv>): Promise<UploadRow> {
  const upload = await c.env.DB.prepare(
    `SELECT multipart_uploads.id, file_id, r2_upload_id, r2_key, size_bytes, expires_at
     FROM multipart_uploads JOIN files ON files.id = multipart_uploads.file_id
     WHERE multipart_uploads.id = ? AND multipart_uploads.user_id = ?
       AND multipart_uploads.status = 'active'`,
  )
    .bind(c.req.param("id") ?? "", c.var.userId)
    .first<UploadRow>();
  if (!upload) {
    throw new ApiError(404, "You have no active upload with this id.");
  }
  c.set("fileId", upload.file_id);
  if (upload.expires_at <= new Date().toISOString()) {
    await finishUpload(c, upload.id, "expired").run();
    await failFile(c, upload.file_id, "upload expired");
    throw new ApiError(410, "This upload has expired. Start a new one.");
  }
  return upload;
}

async function moveUpload(
  c: Context<AppEnv>,
  id: string,
  from: string,
  to: string,
): Promise<boolean> {
  const moved = await c.env.DB.prepare(
    "UPDATE multipart_uploads SET status = ?3 WHERE id = ?1 AND status = ?2 RETURNING id",
  )
    .bind(id, from, to)
    .first();
  return moved !== null;
}

function finishUpload(
  c: Context<AppEnv>,
  id: string,
  status: "completed" | "aborted" | "expired",
): D1PreparedStatement {
  return c.env.DB.prepare(
    "UPDATE multipart_uploads SET status = ?, finished_at = ? WHERE id = ?",
  ).bind(status, new Date().toISOString(), id);
}
