import type { Payload } from "../s3/payload.ts";
import type { Caller, Right } from "./access.ts";
import type { Blobs } from "./blobs.ts";
import type { Bucket, Buckets } from "./buckets.ts";
import type { Dialect } from "./dialect.ts";
import type { ObjectIndex } from "./object-index.ts";

/** Where one vendor's buckets and objects are. */
export interface Storage {
  readonly dialect: Dialect;
  readonly buckets: Buckets;
  readonly index: ObjectIndex;
  readonly blobs: Blobs;
}

/** A request to the account itself, its signature verified. */
export interface AccountRequest {
  readonly storage: Storage;
  readonly caller: Caller;
  readonly request: Request;
  readonly url: URL;
  /** Without what presigning adds. */
  readonly query: URLSearchParams;
  /** Reads the body. Checksum headers may be the object's and not the body's. */
  readonly payload: (checksumsOf?: "body" | "object") => Promise<Payload>;
}

/** A request to a bucket that there is, or to an object in it, by a caller who may. */
export interface S3Request extends AccountRequest {
  readonly bucket: Bucket;
  /** Empty for the bucket itself. */
  readonly key: string;
}

export type Operation = (request: S3Request) => Promise<Response>;

/** An operation and what its caller must be allowed. */
export interface Route {
  /** By its name in policies; undefined where the operation asks for each thing that it touches. */
  readonly action: string | undefined;
  /** The name instead of `action` where the request names a version. */
  readonly versionAction?: string;
  readonly right: Right;
  readonly perform: Operation;
}

/** An answer with an XML document. */
export const xmlResponse = (
  document: string,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(document, { headers: { ...headers, "content-type": "application/xml" } });

/** An answer that says nothing but that it is done. */
export const done = (status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(null, { status, headers });
