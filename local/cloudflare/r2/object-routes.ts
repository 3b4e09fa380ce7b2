import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";
import { checked, ok } from "../envelope.ts";
import { restOfPath } from "../rest-of-path.ts";
import type { ApiContext, ApiEnv, CloudContext } from "../service.ts";
import { type Bucket, requireBucket } from "./buckets.ts";
import {
  entityTooLarge,
  INVALID_ARGUMENT,
  invalidObjectName,
  missingContentLength,
  noSuchKey,
  notImplemented,
  numberOf,
  R2Error,
} from "./errors.ts";
import { type ListedObject, listObjects, readS3Error, requestObject } from "./object-store.ts";

const OBJECTS = "/accounts/:account/r2/buckets/:bucket/objects";
/** The largest upload by this API, in bytes; the S3 API takes larger ones. */
const MAX_UPLOAD_BYTES = 300 * 1024 * 1024;
/** Objects of a list whose metadata are read at the same time. */
const PARALLEL_HEADS = 50;

const METADATA_HEADERS = [
  "content-type",
  "content-disposition",
  "content-encoding",
  "content-language",
  "cache-control",
  "expires",
];
const READ_HEADERS = [
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "range",
];

const listQuery = z.object({
  prefix: z.string().optional(),
  delimiter: z.string().optional(),
  cursor: z.string().optional(),
  start_after: z.string().optional(),
  per_page: z.coerce.number().int().min(1).max(1000).default(20),
});

/**
 * Objects by the v4 API, as `wrangler r2 object` uses it. Differs from the vendor's in that an
 * upload's answer names no version and that every object is of the storage class Standard.
 * @see https://developers.cloudflare.com/api/resources/r2/subresources/buckets/subresources/objects/
 */
export function objectRoutes(cloud: CloudContext) {
  const bucketOf = (c: ApiContext) =>
    requireBucket(cloud, c.get("accountId"), c.req.param("bucket") ?? "");

  return new Hono<ApiEnv>()
    .get(OBJECTS, async (c) => {
      const bucket = bucketOf(c);
      const query = checked(c.req.query(), listQuery, INVALID_ARGUMENT);
      const { objects, prefixes, cursor } = await listObjects(cloud, bucket, {
        prefix: query.prefix,
        delimiter: query.delimiter,
        startAfter: query.start_after,
        cursor: query.cursor,
        limit: query.per_page,
      });
      return ok(c, await described(cloud, bucket, objects), {
        per_page: query.per_page,
        delimited: prefixes,
        is_truncated: cursor !== undefined,
        cursor: cursor ?? "",
      });
    })
    .get(`${OBJECTS}/*`, async (c) => {
      const answer = await requestObject(cloud, bucketOf(c), {
        method: "GET",
        key: keyOf(c),
        headers: picked(c, READ_HEADERS),
      });
      if (answer.status >= 400) throw await refusalOf(answer);
      return answer;
    })
    .put(`${OBJECTS}/*`, async (c) => {
      const bucket = bucketOf(c);
      const key = keyOf(c);
      const storageClass = c.req.header("cf-r2-storage-class") ?? "Standard";
      if (storageClass !== "Standard") throw notImplemented(`Storage class ${storageClass}`);
      const length = c.req.header("content-length");
      if (length === undefined) throw missingContentLength();
      if (Number(length) > MAX_UPLOAD_BYTES) throw entityTooLarge();

      const headers = picked(c, METADATA_HEADERS);
      if (Number(length) > 0) headers.set("content-length", length);
      const answer = await requestObject(cloud, bucket, {
        method: "PUT",
        key,
        headers,
        body: Number(length) > 0 ? c.req.raw.body : null,
      });
      if (!answer.ok) throw await refusalOf(answer);
      return ok(c, {
        key,
        etag: unquoted(answer.headers.get("etag")),
        size: String(Number(length)),
        storage_class: "Standard",
        uploaded: new Date().toISOString(),
      });
    })
    .delete(`${OBJECTS}/*`, async (c) => {
      const key = keyOf(c);
      const answer = await requestObject(cloud, bucketOf(c), { method: "DELETE", key });
      if (!answer.ok) throw await refusalOf(answer);
      return ok(c, { key });
    });
}

/** The key that the path names. */
function keyOf(context: ApiContext): string {
  const key = restOfPath(context);
  if (key === "") throw invalidObjectName();
  return key;
}

function picked(context: ApiContext, names: readonly string[]): Headers {
  const headers = new Headers();
  for (const name of names) {
    const value = context.req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  return headers;
}

/** A list holds sizes and times; the metadata are each object's own. */
async function described(cloud: CloudContext, bucket: Bucket, objects: readonly ListedObject[]) {
  const results: object[] = [];
  for (let start = 0; start < objects.length; start += PARALLEL_HEADS) {
    const batch = objects.slice(start, start + PARALLEL_HEADS).map(async (object) => {
      const { headers } = await requestObject(cloud, bucket, {
        method: "HEAD",
        key: object.key,
      }).catch(withoutMetadata);
      return {
        key: object.key,
        etag: object.etag,
        size: object.size,
        last_modified: object.uploaded,
        http_metadata: httpMetadata(headers),
        custom_metadata: customMetadata(headers),
        ssec: false,
        storage_class: "Standard",
      };
    });
    results.push(...(await Promise.all(batch)));
  }
  return results;
}

/** A Worker can put an object under a key that has no path; it is listed all the same. */
function withoutMetadata(error: unknown): { headers: Headers } {
  if (error instanceof R2Error) return { headers: new Headers() };
  throw error;
}

function httpMetadata(headers: Headers) {
  const entries = [
    ["contentType", "content-type"],
    ["contentDisposition", "content-disposition"],
    ["contentEncoding", "content-encoding"],
    ["contentLanguage", "content-language"],
    ["cacheControl", "cache-control"],
    ["cacheExpiry", "expires"],
  ] as const;
  return Object.fromEntries(
    entries.flatMap(([field, header]) => {
      const value = headers.get(header);
      return value === null ? [] : [[field, value]];
    }),
  );
}

function customMetadata(headers: Headers) {
  const prefix = "x-amz-meta-";
  return Object.fromEntries(
    [...headers]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** The v4 API's refusal for one of the S3 API. */
async function refusalOf(answer: Response): Promise<R2Error> {
  const { code, message } = await readS3Error(answer);
  if (code === "NoSuchKey") return noSuchKey();
  return new R2Error(answer.status as ContentfulStatusCode, numberOf(code), code, message);
}

const unquoted = (etag: string | null): string => (etag ?? "").replaceAll('"', "");
