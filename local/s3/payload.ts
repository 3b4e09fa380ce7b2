import { decodeAwsChunked } from "./aws-chunked.ts";
import {
  base64Promise,
  CHECKSUM_HEADERS,
  checksumOfHeader,
  type PromisedChecksum,
  promisedChecksums,
} from "./checksums.ts";
import { invalidArgument, S3Error, s3Error } from "./errors.ts";
import { equalInConstantTime, type Proof } from "./signature.ts";

/** A request's body, decoded; it fails instead of ending when it is not what the request promised. */
export interface Payload {
  /** Bytes. */
  readonly length: number;
  /** Null when the body has no bytes. */
  readonly stream: ReadableStream<Uint8Array> | null;
  /** Why the stream failed, once it has: the client of a failed stream sees only that it failed. */
  readonly failure: () => S3Error | undefined;
  /** By header, in base64, once the stream has ended: the checksums that the request promised and kept. */
  readonly checksums: () => Readonly<Record<string, string>>;
}

/** An XML document of a request is never longer: 1000 keys of 1024 bytes, escaped. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
const SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const UNSIGNED_CHUNKS = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const WHOLE_BODY = /^(UNSIGNED-PAYLOAD|[0-9a-f]{64})$/;

/**
 * The body of a request, verified while it streams: its length, its hash or chunk signatures and
 * every checksum that headers or trailers promise. The last bytes are held back until all is
 * verified, so that nothing that was tampered with is ever stored. Of a request that nobody signed,
 * there is no proof. Checksum headers of a request that completes an upload are the object's, not the body's.
 */
export async function payloadOf(
  request: Request,
  proof: Proof | undefined,
  checksumsOf: "body" | "object" = "body",
): Promise<Payload> {
  const payload =
    proof?.signature.payload ?? request.headers.get("x-amz-content-sha256") ?? UNSIGNED_PAYLOAD;
  const isChunked = payload === SIGNED_CHUNKS || payload === UNSIGNED_CHUNKS;
  if (!isChunked && payload.startsWith("STREAMING-")) {
    throw s3Error(501, "NotImplemented", `${payload} not implemented`);
  }
  if (!isChunked && !WHOLE_BODY.test(payload)) {
    throw invalidArgument("x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a valid sha256 value");
  }
  const length = lengthOf(request.headers, isChunked);
  const promised = promisedChecksums(request.headers, payload).filter(
    ({ header }) => checksumsOf === "body" || !CHECKSUM_HEADERS.includes(header),
  );
  const announced = trailerPromises(request.headers, promised);
  const raw: AsyncIterable<Uint8Array> = request.body ?? emptyBody();
  const decoded = isChunked
    ? decodeAwsChunked(raw, {
        proof: payload === SIGNED_CHUNKS ? proof : undefined,
        onTrailer: (name, value) => announced.get(name)?.(value),
      })
    : raw;

  const checksums = () =>
    Object.fromEntries(
      promised
        .filter(({ header }) => CHECKSUM_HEADERS.includes(header))
        .map(({ header, expected }) => [header, expected]),
    );
  let failure: S3Error | undefined;
  const verified = verify(decoded, length, promised);
  const fail = (error: unknown): never => {
    if (error instanceof S3Error) failure = error;
    throw error;
  };
  if (length === 0) {
    await verified.next().catch(fail);
    return { length, stream: null, failure: () => failure, checksums };
  }
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await verified.next().catch(fail);
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await verified.return(undefined);
    },
  });
  return { length, stream, failure: () => failure, checksums };
}

/** The whole body as text, for the documents of the S3 API. */
export async function documentOf(payload: Payload): Promise<string> {
  if (payload.length > MAX_DOCUMENT_BYTES) {
    throw s3Error(400, "EntityTooLarge", "The XML document is too large.");
  }
  return payload.stream === null ? "" : new Response(payload.stream).text();
}

/** How the object is encoded; `aws-chunked` is how its body came. Empty for not at all. */
export const contentEncodingOf = (headers: Headers): string =>
  (headers.get("content-encoding") ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name.toLowerCase() !== "aws-chunked")
    .join(", ");

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

function lengthOf(headers: Headers, isChunked: boolean): number {
  const text = headers.get(isChunked ? "x-amz-decoded-content-length" : "content-length");
  const length = Number(text);
  if (text === null && !headers.has("transfer-encoding") && !isChunked) return 0;
  if (text === null || !Number.isSafeInteger(length) || length < 0) {
    throw s3Error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  return length;
}

/** What to do with the value of each trailer that `x-amz-trailer` announces. */
function trailerPromises(
  headers: Headers,
  promised: PromisedChecksum[],
): Map<string, (value: string) => void> {
  const names = (headers.get("x-amz-trailer") ?? "").toLowerCase().split(",");
  const promises = new Map<string, (value: string) => void>();
  for (const name of names.map((text) => text.trim())) {
    const checksum = checksumOfHeader(name);
    if (checksum === undefined) continue;
    const index = promised.push(base64Promise(name, checksum, "")) - 1;
    promises.set(name, (expected) => {
      promised[index] = base64Promise(name, checksum, expected);
    });
  }
  return promises;
}

/** Passes the body on, one chunk behind, and the last chunk only when everything promised is true. */
async function* verify(
  body: AsyncIterable<Uint8Array>,
  length: number,
  promised: readonly PromisedChecksum[],
): AsyncGenerator<Uint8Array> {
  let received = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of body) {
    received += chunk.byteLength;
    if (received > length) break;
    for (const { checksum } of promised) checksum.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (received !== length) {
    throw s3Error(
      400,
      "IncompleteBody",
      "The request body terminated unexpectedly, or is longer than it promised to be.",
    );
  }
  for (const { checksum, encoding, expected, mismatch } of promised) {
    const actual = Buffer.from(await checksum.digest()).toString(encoding);
    if (!equalInConstantTime(actual, expected)) {
      throw s3Error(
        400,
        mismatch,
        mismatch === "BadDigest"
          ? "The checksum you specified did not match what we received."
          : "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    }
  }
  if (held !== undefined) yield held;
}
