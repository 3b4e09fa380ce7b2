import { requireBucket } from "../cloudflare/r2/buckets.ts";
import { requestObject } from "../cloudflare/r2/object-store.ts";
import type { Operation, S3Request } from "./operation.ts";
import { contentEncodingOf } from "./payload.ts";

/** Headers that concern the way here, or that were verified here, and not the object. */
const NOT_FORWARDED = new Set([
  "accept",
  "accept-encoding",
  "authorization",
  "connection",
  "content-length",
  "content-md5",
  "expect",
  "host",
  "origin",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "user-agent",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-decoded-content-length",
  "x-amz-trailer",
]);

/**
 * The object operations and the listing of objects, by the runtime's implementation of R2. That
 * includes the refusal of what R2 does not implement, in R2's words.
 */
export const forwardToRuntime: Operation = async (s3) => {
  const { cloud, caller, request, bucket, key, query, payload } = s3;
  const answer = await requestObject(cloud, requireBucket(cloud, caller.accountId, bucket), {
    method: request.method,
    key,
    query,
    headers: forwardedHeaders(s3),
    body: payload.stream,
  });
  return isCompletion(s3) ? withPublicLocation(s3, answer) : answer;
};

function forwardedHeaders({ request, payload }: S3Request): Headers {
  const headers = new Headers();
  for (const [name, value] of request.headers) {
    if (!NOT_FORWARDED.has(name) && !name.startsWith("sec-")) headers.set(name, value);
  }
  const encoding = contentEncodingOf(request.headers);
  if (encoding === "") headers.delete("content-encoding");
  else headers.set("content-encoding", encoding);
  if (payload.length > 0) headers.set("content-length", String(payload.length));
  return headers;
}

const isCompletion = ({ request, query }: S3Request): boolean =>
  request.method === "POST" && query.uploadId !== undefined;

/** A completed upload's answer holds the object's URL: the public one, not the runtime's. */
async function withPublicLocation({ url }: S3Request, answer: Response): Promise<Response> {
  const text = (await answer.text()).replace(
    /<Location>[^<]*<\/Location>/,
    () => `<Location>${url.origin}${url.pathname.replaceAll("&", "&amp;")}</Location>`,
  );
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  return new Response(text, { status: answer.status, headers });
}
