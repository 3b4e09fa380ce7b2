import { type Context, Hono } from "hono";
import { ApiError } from "../../shared/worker/http.ts";
import { logged, recordSecurityEvent } from "./access-log.ts";
import { authenticate } from "./authenticate.ts";
import type { AppEnv } from "./environment.ts";
import {
  type FileRow,
  failFile,
  findFile,
  mimeTypeOf,
  publicFile,
  reserveFile,
  validFilename,
} from "./file-store.ts";
import { storeHashed } from "./hashed-stream.ts";
import { sizedBody } from "./request-body.ts";

const PAGE_DEFAULT = 50;
const PAGE_MAX = 200;
/** Lower-case hexadecimal SHA-256: the client's expectation on upload, the stored one on download. */
const CHECKSUM_HEADER = "X-Checksum-Sha256";

/** The caller's files, one request each; larger ones go through /uploads. */
export const files = new Hono<AppEnv>();
files.use(authenticate);

files.post("/", logged("upload"), (c) => upload(c, c.req.query("filename")));
files.put("/:filename", logged("upload"), (c) => upload(c, c.req.param("filename")));

files.get("/", logged("list"), async (c) => {
  const wanted = Math.trunc(Number(c.req.query("limit"))) || PAGE_DEFAULT;
  const limit = Math.min(Math.max(wanted, 1), PAGE_MAX);
  const [createdAt = "", id = ""] = (c.req.query("cursor") ?? "").split("_");
  const { results } = await c.env.DB.prepare(
    `SELECT * FROM files
     WHERE user_id = ?1 AND status = 'completed' AND (created_at, id) > (?2, ?3)
     ORDER BY created_at, id LIMIT ?4`,
  )
    .bind(c.var.userId, createdAt, id, limit)
    .all<FileRow>();
  const last = results.length === limit ? results.at(-1) : undefined;
  return c.json({
    files: results.map(publicFile),
    nextCursor: last ? `${last.created_at}_${last.id}` : null,
  });
});

files.get("/:id", logged("inspect"), async (c) =>
  c.json({ file: publicFile(await findFile(c, c.req.param("id"), "read")) }),
);

files.get("/:id/content", logged("download"), async (c) => {
  const file = await findFile(c, c.req.param("id"), "read");
  const object = await c.env.FILES.get(file.r2_key);
  if (!object) {
    throw new ApiError(502, "The file's content is missing from the bucket.");
  }
  c.set("bytes", object.size);
  const headers = new Headers({
    "Content-Type": file.mime_type,
    "Content-Length": String(object.size),
    "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(file.filename)}`,
    // Users choose both name and type: a browser must neither sniff nor render them.
    "X-Content-Type-Options": "nosniff",
    ETag: object.httpEtag,
  });
  if (file.checksum_type === "sha256") {
    headers.set(CHECKSUM_HEADER, file.checksum);
  }
  return new Response(object.body, { headers });
});

files.get("/:id/access-log", async (c) => {
  const file = await findFile(c, c.req.param("id"), "own");
  const { results } = await c.env.DB.prepare(
    `SELECT action, user_id AS userId, succeeded, status_code AS statusCode,
            bytes_transferred AS bytesTransferred, duration_ms AS durationMs,
            created_at AS createdAt
     FROM file_access_logs WHERE file_id = ? ORDER BY id DESC LIMIT ?`,
  )
    .bind(file.id, PAGE_MAX)
    .all();
  return c.json({ accessLog: results });
});

files.delete("/:id", logged("delete"), async (c) => {
  const file = await findFile(c, c.req.param("id"), "own");
  // The object goes first: a row without its object can be seen and repaired, an object without
  // its row is paid for and forgotten.
  await c.env.FILES.delete(file.r2_key);
  await c.env.DB.prepare("UPDATE files SET status = 'deleted', deleted_at = ? WHERE id = ?")
    .bind(new Date().toISOString(), file.id)
    .run();
  c.set("bytes", file.size_bytes);
  return c.body(null, 204);
});

async function upload(c: Context<AppEnv>, name: string | undefined): Promise<Response> {
  const filename = validFilename(name);
  const { stream, length } = sizedBody(c);
  const mimeType = mimeTypeOf(c.req.header("Content-Type"));
  const { id, r2Key } = await reserveFile(c, { filename, mimeType, size: length });
  let sha256: string;
  try {
    ({ sha256 } = await storeHashed(stream, length, (content) =>
      c.env.FILES.put(r2Key, content, {
        httpMetadata: { contentType: mimeType },
        customMetadata: { fileId: id },
      }),
    ));
  } catch (cause) {
    await failFile(c, id, String(cause));
    throw new ApiError(502, "The content could not be stored. Send it again.", {}, { cause });
  }
  const expected = c.req.header(CHECKSUM_HEADER)?.toLowerCase();
  if (expected !== undefined && expected !== sha256) {
    await c.env.FILES.delete(r2Key);
    await failFile(c, id, "checksum mismatch");
    await recordSecurityEvent(c, "checksum_mismatch", id);
    throw new ApiError(422, `The content has SHA-256 ${sha256}, not the announced one.`);
  }
  const file = await c.env.DB.prepare(
    `UPDATE files SET status = 'completed', checksum = ?, checksum_type = 'sha256'
     WHERE id = ? RETURNING *`,
  )
    .bind(sha256, id)
    .first<FileRow>();
  if (!file) {
    throw new ApiError(409, "The file was removed while it was uploaded.");
  }
  c.set("bytes", length);
  return c.json({ file: publicFile(file) }, 201);
}
