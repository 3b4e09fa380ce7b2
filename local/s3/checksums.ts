import { createHash } from "node:crypto";
import { Crc32, Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";

/** A running checksum of a body. */
interface Checksum {
  readonly update: (chunk: Uint8Array) => void;
  readonly digest: () => Promise<Uint8Array>;
}

/** A checksum that a request promises for its body. */
export interface PromisedChecksum {
  /** The header that promises it. */
  readonly header: string;
  readonly checksum: Checksum;
  /** Compares in base64, or in hexadecimal for the payload's hash. */
  readonly encoding: "base64" | "hex";
  readonly expected: string;
  /** What to answer when the body does not keep the promise: an S3 error code. */
  readonly mismatch: "BadDigest" | "XAmzContentSHA256Mismatch";
}

/** What the names of checksum headers begin with. */
export const HEADER_PREFIX = "x-amz-checksum-";

const ALGORITHMS: Readonly<Record<string, () => Checksum>> = {
  crc32: () => new Crc32(),
  crc32c: () => new Crc32c(),
  crc64nvme: () => new Crc64Nvme(),
  sha1: () => hash("sha1"),
  sha256: () => hash("sha256"),
};

/** The names of checksum headers, e.g. `x-amz-checksum-crc32`. */
export const CHECKSUM_HEADERS: readonly string[] = Object.keys(ALGORITHMS).map(
  (algorithm) => HEADER_PREFIX + algorithm,
);

/** The running checksum that a checksum header asks for; undefined for other headers. */
export const checksumOfHeader = (header: string): Checksum | undefined =>
  header.startsWith(HEADER_PREFIX) ? ALGORITHMS[header.slice(HEADER_PREFIX.length)]?.() : undefined;

/** What the headers promise: the payload's SHA-256, `Content-MD5` and checksum headers. */
export function promisedChecksums(headers: Headers, payload: string): PromisedChecksum[] {
  const promised: PromisedChecksum[] = [];
  if (/^[0-9a-f]{64}$/.test(payload)) {
    promised.push({
      header: "x-amz-content-sha256",
      checksum: hash("sha256"),
      encoding: "hex",
      expected: payload,
      mismatch: "XAmzContentSHA256Mismatch",
    });
  }
  const md5 = headers.get("content-md5");
  if (md5 !== null) promised.push(base64Promise("content-md5", hash("md5"), md5));
  for (const header of CHECKSUM_HEADERS) {
    const expected = headers.get(header);
    const checksum = checksumOfHeader(header);
    if (expected !== null && checksum !== undefined) {
      promised.push(base64Promise(header, checksum, expected));
    }
  }
  return promised;
}

export const base64Promise = (
  header: string,
  checksum: Checksum,
  expected: string,
): PromisedChecksum => ({
  header,
  checksum,
  encoding: "base64",
  expected,
  mismatch: "BadDigest",
});

function hash(algorithm: "md5" | "sha1" | "sha256"): Checksum {
  const state = createHash(algorithm);
  return { update: (chunk) => void state.update(chunk), digest: async () => state.digest() };
}
