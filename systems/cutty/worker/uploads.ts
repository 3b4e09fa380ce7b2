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
import { type Stored, storeHashed } from "./hashed-stream.ts";
import { combinedChecksum, type PartRow, partProblems } from "./parts.ts";
import { sizedBody } from "./request-body.ts";
import {
  activeUpload,
  finishUpload,
  markUpload,
  recordPart,
  releasePart,
  reservePart,
  type UploadRow,
  unfinishedUpload,
} from "./upload-store.ts";

const MAX_PARTS = 10_000;

const NewUpload = z.object({
  filename: z.string(),
  mimeType: z.optional(z.string()),
  sizeBytes: z.int("must be the file's size in bytes").check(z.positive()),
});

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
  const id = crypto.randomUUID();
  const expiresAt = new Date(Date.now() + UNFINISHED_HOURS * 3_600_000).toISOString();
  try {
    const r2 = await c.env.FILES.createMultipartUpload(r2Key, {
      httpMetadata: { contentType: file.mimeType },
      customMetadata: { fileId },
    });
    await c.env.DB.prepare(
      `INSERT INTO multipart_uploads (id, file_id, user_id, r2_upload_id, expires_at)
       VALUES (?, ?, ?, ?, ?)`,
    )
      .bind(id, fileId, c.var.userId, r2.uploadId, expiresAt)
      .run();
  } catch (cause) {
    await failFile(c, fileId, String(cause));
    throw new ApiError(502, "The upload could not be started. Try again.", {}, { cause });
  }
  return c.json({ upload: { id, fileId, expiresAt } }, 201);
});

uploads.put("/:id/parts/:number", logged("multipart_part"), async (c) => {
  const upload = await activeUpload(c);
  const number = partNumber(c.req.param("number"));
  const { stream, length } = sizedBody(c);
  await reservePart(c, upload, number, length);
  const r2 = c.env.FILES.resumeMultipartUpload(upload.r2_key, upload.r2_upload_id);
  let stored: Stored<R2UploadedPart>;
  try {
    stored = await storeHashed(stream, length, (content) => r2.uploadPart(number, content));
  } catch (cause) {
    await releasePart(c, upload, number);
    throw new ApiError(502, "The part could not be stored. Send it again.", {}, { cause });
  }
  const { result, sha256 } = stored;
  await recordPart(c, upload, number, { etag: result.etag, sha256, length });
  c.set("bytes", length);
  return c.json({ part: { number, sizeBytes: length, sha256 } });
});

uploads.post("/:id/complete", logged("multipart_complete"), async (c) => {
  const upload = await unfinishedUpload(c);
  const { results: parts } = await c.env.DB.prepare(
    `SELECT part_number, etag, sha256, size_bytes FROM multipart_upload_parts
     WHERE upload_id = ? AND etag IS NOT NULL ORDER BY part_number`,
  )
    .bind(upload.id)
    .all<PartRow>();
  const problem = partProblems(parts, upload.size_bytes);
  if (problem) {
    throw new ApiError(409, problem);
  }
  await assemble(c, upload, parts);
  const [file] = await c.env.DB.batch<FileRow>([
    c.env.DB.prepare(
      `UPDATE files SET status = 'completed', checksum = ?, checksum_type = 'sha256-parts'
       WHERE id = ? AND status IN ('pending', 'completed') RETURNING *`,
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

/**
 * Makes R2 assemble the parts. It can be repeated, by a client whose first request stopped between
 * R2 and the database: R2 then knows the upload no more, and has the object.
 *
 * @throws ApiError 422 when R2 refuses the parts.
 */
async function assemble(
  c: Context<AppEnv>,
  upload: UploadRow,
  parts: readonly PartRow[],
): Promise<void> {
  await markUpload(c, upload.id, "completing");
  try {
    await c.env.FILES.resumeMultipartUpload(upload.r2_key, upload.r2_upload_id).complete(
      parts.map((part) => ({ partNumber: part.part_number, etag: part.etag })),
    );
  } catch (cause) {
    const object = await c.env.FILES.head(upload.r2_key);
    if (object?.size === upload.size_bytes) {
      return;
    }
    await markUpload(c, upload.id, "active");
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(422, `R2 did not accept the parts: ${reason}`, {}, { cause });
  }
}

function partNumber(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > MAX_PARTS) {
    throw new ApiError(400, `A part's number is a whole number from 1 to ${MAX_PARTS}.`);
  }
  return number;
}
