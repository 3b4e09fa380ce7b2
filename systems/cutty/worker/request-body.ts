import type { Context } from "hono";
import { ApiError } from "../../shared/worker/http.ts";
import type { AppEnv } from "./environment.ts";

/**
 * The request's body and its length in bytes, unread.
 *
 * @throws ApiError 411 without a Content-Length, 400 without a body, 413 above MAX_UPLOAD_BYTES.
 */
export function sizedBody(c: Context<AppEnv>): {
  stream: ReadableStream<Uint8Array>;
  length: number;
} {
  const declared = c.req.header("Content-Length");
  if (declared === undefined) {
    throw new ApiError(411, "Send the Content-Length of the file.");
  }
  const length = Number(declared);
  const limit = Number(c.env.MAX_UPLOAD_BYTES);
  if (length > limit) {
    throw new ApiError(
      413,
      `One request carries at most ${limit} bytes. Send a larger file in parts: POST /uploads.`,
    );
  }
  const stream = c.req.raw.body;
  if (!stream || length === 0) {
    throw new ApiError(400, "Send the file's content as the request's body.");
  }
  return { stream, length };
}
