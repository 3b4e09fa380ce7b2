import { randomBytes } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "./sha256.ts";

/**
 * The key of the runtime's own S3 endpoint, by which this process streams objects into and out of
 * buckets. It lives as long as the process; the vendor's users have keys of their own (local/s3/).
 */
export const BUCKET_ENDPOINT_KEY = {
  accessKeyId: randomBytes(16).toString("hex"),
  secretAccessKey: randomBytes(32).toString("hex"),
};

const ENDPOINT_PATH = "/cdn-cgi/local/r2/s3";
/** By such headers the runtime takes orders about the request; they are never a client's to give. */
const RUNTIME_HEADER = /^mf-/;

/** The key cannot be written into a URL: `.` and `..` between slashes would lead elsewhere. */
export class UnreachableKeyError extends Error {}

/** A request to a bucket's S3 endpoint; the caller has checked who asks. */
export interface BucketRequest {
  readonly method: string;
  /** The object's key, percent-encoded as S3 encodes it; empty for the bucket itself. */
  readonly encodedKey: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Headers;
  /** With its length in the header `content-length`; null when it has no bytes. */
  readonly body: ReadableStream<Uint8Array> | null;
}

const signer = new SignatureV4({
  service: "s3",
  region: "auto",
  credentials: BUCKET_ENDPOINT_KEY,
  sha256: Sha256,
  uriEscapePath: false,
  applyChecksum: false,
});

/**
 * The URL and headers, signed, of a request to the S3 endpoint of the runtime at `host` (with its
 * port). Throws UnreachableKeyError, since a path that leaves the bucket ends in what the runtime
 * serves without asking for a key.
 */
export async function signedBucketRequest(
  host: string,
  bucket: string,
  { method, encodedKey, query, headers }: BucketRequest,
): Promise<{ url: string; headers: Headers }> {
  const path = `${ENDPOINT_PATH}/${bucket}${encodedKey === "" ? "" : `/${encodedKey}`}`;
  // Encoded dots count as dots too, so the URL itself is asked.
  if (new URL(`http://${host}${path}`).pathname !== path) throw new UnreachableKeyError();
  const signed = await signer.sign({
    method,
    protocol: "http:",
    hostname: host,
    path,
    query: { ...query },
    // Only these are signed: the other headers come from a request that was checked already.
    headers: { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
  });
  const all = new Headers([...headers].filter(([name]) => !RUNTIME_HEADER.test(name)));
  for (const [name, value] of Object.entries(signed.headers)) {
    if (name !== "host") all.set(name, value);
  }
  const search = new URLSearchParams(query).toString();
  return { url: `http://${host}${path}${search === "" ? "" : `?${search}`}`, headers: all };
}
