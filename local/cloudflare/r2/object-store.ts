import { NotHeldError } from "../../runtime/account-runtime.ts";
import { UnreachableKeyError } from "../../runtime/bucket-endpoint.ts";
import { children, childText, parseXml } from "../../s3/xml.ts";
import type { CloudContext } from "../service.ts";
import { invalidObjectName, noSuchBucket } from "./errors.ts";

/** Which bucket. */
export interface BucketAddress {
  /** The account's id. */
  readonly account: string;
  readonly name: string;
}

/** A request to the objects of a bucket, in the terms of the S3 API, from a caller who may make it. */
export interface ObjectRequest {
  readonly method: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Headers;
  /** With its length in the header `content-length`. */
  readonly body?: ReadableStream<Uint8Array> | null;
}

export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** ISO 8601, UTC. */
  readonly uploaded: string;
}

export interface ObjectPage {
  readonly objects: readonly ListedObject[];
  readonly prefixes: readonly string[];
  /** Where the next page begins; undefined after the last. */
  readonly cursor: string | undefined;
}

/** The runtime keeps a response's content encoding here, so that its client does not decode the body. */
const RUNTIME_CONTENT_ENCODING = "mf-content-encoding";
const NOT_THE_OBJECTS = /^(access-control-.*|transfer-encoding|mf-.*)$/;

/**
 * Asks the runtime that Workers of the account see too. The answer is the S3 API's, errors
 * included. Throws InvalidObjectName for a key that has `.` or `..` between slashes, which the
 * vendor takes, and when the runtime itself fails.
 */
export async function requestObject(
  cloud: CloudContext,
  bucket: BucketAddress,
  { method, key, query = {}, headers = new Headers(), body = null }: ObjectRequest,
): Promise<Response> {
  const encodedKey = encodeKey(key);
  const answer = await cloud.runtimes
    .of(bucket.account)
    .bucketEndpoint(bucket.name, { method, encodedKey, query, headers, body })
    .catch((error: unknown) => {
      if (error instanceof UnreachableKeyError) throw invalidObjectName();
      // It was deleted while this request waited for the runtime.
      if (error instanceof NotHeldError) throw noSuchBucket();
      throw error;
    });
  const isXml = answer.headers.get("content-type") === "application/xml";
  if (answer.status >= 500 && !isXml && method !== "HEAD") {
    throw new Error(`The runtime failed to ${method} an object: ${await answer.text()}`);
  }
  const kept = new Headers();
  for (const [name, value] of answer.headers) {
    if (!NOT_THE_OBJECTS.test(name)) kept.set(name, value);
  }
  const encoding = answer.headers.get(RUNTIME_CONTENT_ENCODING);
  if (encoding !== null) kept.set("content-encoding", encoding);
  const isEmpty = kept.get("content-length") === "0";
  if (isEmpty) await answer.body?.cancel();
  return new Response(isEmpty ? null : answer.body, { status: answer.status, headers: kept });
}

/** One page of the bucket's objects, in order of their keys. */
export async function listObjects(
  cloud: CloudContext,
  bucket: BucketAddress,
  options: {
    prefix?: string | undefined;
    delimiter?: string | undefined;
    startAfter?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  },
): Promise<ObjectPage> {
  const query = {
    "list-type": "2",
    // Keys may hold characters that XML cannot.
    "encoding-type": "url",
    "max-keys": String(options.limit),
    ...present({
      prefix: options.prefix,
      delimiter: options.delimiter,
      "start-after": options.startAfter,
      "continuation-token": options.cursor,
    }),
  };
  const answer = await requestObject(cloud, bucket, { method: "GET", key: "", query });
  const text = await answer.text();
  const page = parseXml(text, "ListBucketResult");
  if (page === undefined) throw new Error(`The runtime failed to list objects: ${text}`);
  return {
    objects: children(page, "Contents").map((object) => ({
      key: decodeURIComponent(childText(object, "Key") ?? ""),
      size: Number(childText(object, "Size")),
      etag: (childText(object, "ETag") ?? "").replaceAll('"', ""),
      uploaded: childText(object, "LastModified") ?? "",
    })),
    prefixes: children(page, "CommonPrefixes").map((prefix) =>
      decodeURIComponent(childText(prefix, "Prefix") ?? ""),
    ),
    cursor: childText(page, "NextContinuationToken"),
  };
}

/** The code and message of an S3 error's body. */
export async function readS3Error(answer: Response): Promise<{ code: string; message: string }> {
  const error = parseXml(await answer.text(), "Error");
  return {
    code: childText(error, "Code") ?? "InternalError",
    message: childText(error, "Message") ?? "We encountered an internal error. Please try again.",
  };
}

/** A key as S3 writes it in a path: RFC 3986, slashes as they are. */
export const encodeKey = (key: string): string => key.split("/").map(encodeRfc3986).join("/");

const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function present(query: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "",
    ),
  );
}
