import { CHECKSUM_HEADERS, HEADER_PREFIX } from "../s3/checksums.ts";
import { invalidArgument, s3Error } from "../s3/errors.ts";
import { contentEncodingOf } from "../s3/payload.ts";
import { aclOfHeader, areAclsDisabled, refuseBlockedAcl } from "./acl.ts";
import type { Dialect } from "./dialect.ts";
import { invalidRequest, notImplemented } from "./errors.ts";
import type { ObjectFacts, ObjectVersion } from "./object-records.ts";
import type { BucketSettings, CannedAcl } from "./settings.ts";
import { readTaggingHeader } from "./tags.ts";

const KEPT = [
  "cache-control",
  "content-disposition",
  "content-language",
  "content-type",
  "expires",
];
const METADATA = "x-amz-meta-";
/** Of all names and values together. */
const MAX_METADATA_BYTES = 2048;
const DEFAULT_TYPE = "binary/octet-stream";

/** Headers that ask for what is not served, each with the values that ask for nothing. */
const UNSERVED: readonly { readonly name: RegExp; readonly harmless: readonly string[] }[] = [
  { name: /^x-amz-storage-class$/, harmless: ["STANDARD"] },
  { name: /^x-amz-bucket-object-lock-enabled$/, harmless: ["false"] },
  {
    name: /^x-amz-(grant-|object-lock-|website-redirect-location$|write-offset-bytes$|mfa$|security-token$)/,
    harmless: [],
  },
  { name: /^x-amz-(copy-source-)?server-side-encryption-/, harmless: ["false"] },
];

/** Refuses what would change what is kept, or for whom, and is not served. */
export function refuseUnserved(headers: Headers, { encryption, hasTags }: Dialect): void {
  for (const [name, value] of headers) {
    const rule = UNSERVED.find((candidate) => candidate.name.test(name));
    const isRefused =
      (rule !== undefined && !rule.harmless.includes(value)) ||
      (name === "x-amz-server-side-encryption" && value !== encryption) ||
      (name === "x-amz-tagging" && !hasTags);
    if (isRefused) throw notImplemented(`The header ${name} with this value`);
  }
}

/** What a request says of the object that it puts. */
export function factsOf(headers: Headers, settings: BucketSettings): ObjectFacts {
  return {
    headers: keptHeaders(headers),
    acl: objectAcl(headers, settings),
    tags: readTaggingHeader(headers.get("x-amz-tagging") ?? ""),
  };
}

/** The list that a request puts on an object, or private. Throws where the bucket does not allow it. */
export function objectAcl(headers: Headers, settings: BucketSettings): CannedAcl {
  const acl = aclOfHeader(headers, "object");
  if (acl === undefined) return "private";
  const isOwners = headers.get("x-amz-acl") === "bucket-owner-full-control";
  if (!(areAclsDisabled(settings) && isOwners)) refuseBlockedAcl(settings, acl);
  return acl;
}

export function keptHeaders(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = { "content-type": DEFAULT_TYPE };
  for (const name of KEPT) {
    const value = headers.get(name);
    if (value !== null && value !== "") kept[name] = value;
  }
  const encoding = contentEncodingOf(headers);
  if (encoding !== "") kept["content-encoding"] = encoding;

  const metadata = [...headers].filter(([name]) => name.startsWith(METADATA));
  const bytes = metadata.reduce(
    (sum, [name, value]) => sum + name.length - METADATA.length + value.length,
    0,
  );
  if (bytes > MAX_METADATA_BYTES) {
    throw s3Error(
      400,
      "MetadataTooLarge",
      "Your metadata headers exceed the maximum allowed metadata size",
    );
  }
  return { ...kept, ...Object.fromEntries(metadata) };
}

/** The checksum that the whole body was promised to have, as it is kept. */
export function fullChecksum(
  promised: Readonly<Record<string, string>>,
): Pick<ObjectFacts, "checksum"> {
  const [first] = Object.entries(promised);
  if (first === undefined) return {};
  const [header, value] = first;
  return { checksum: { header, value, type: "FULL_OBJECT" } };
}

/** The header of a checksum by its algorithm: `CRC32` → `x-amz-checksum-crc32`. */
export function checksumHeader(algorithm: string): string {
  const header = HEADER_PREFIX + algorithm.toLowerCase();
  if (!CHECKSUM_HEADERS.includes(header)) {
    throw invalidRequest("Checksum algorithm provided is unsupported.");
  }
  return header;
}

/** The element of a checksum's header: `x-amz-checksum-crc32` → `ChecksumCRC32`. */
export const checksumElement = (header: string): string =>
  `Checksum${header.slice(HEADER_PREFIX.length).toUpperCase()}`;

/** Every checksum's header and element. */
export const checksumElements: readonly { readonly header: string; readonly element: string }[] =
  CHECKSUM_HEADERS.map((header) => ({ header, element: checksumElement(header) }));

/** What every answer about a version says of where it is kept. */
export const versionHeaders = (
  { versioning }: BucketSettings,
  { version }: Pick<ObjectVersion, "version">,
): Record<string, string> => (versioning === undefined ? {} : { "x-amz-version-id": version });

export const encryptionHeaders = ({ encryption }: Dialect): Record<string, string> =>
  encryption === undefined ? {} : { "x-amz-server-side-encryption": encryption };

export const checksumHeaders = ({ checksum }: ObjectFacts): Record<string, string> =>
  checksum === undefined
    ? {}
    : { [checksum.header]: checksum.value, "x-amz-checksum-type": checksum.type };

/** Parameters by which a signed request chooses headers of the answer. */
const OVERRIDES: Readonly<Record<string, string>> = {
  "response-cache-control": "cache-control",
  "response-content-disposition": "content-disposition",
  "response-content-encoding": "content-encoding",
  "response-content-language": "content-language",
  "response-content-type": "content-type",
  "response-expires": "expires",
};

export function overriddenHeaders(
  query: URLSearchParams,
  isSigned: boolean,
): Record<string, string> {
  const chosen: Record<string, string> = {};
  for (const [parameter, header] of Object.entries(OVERRIDES)) {
    const value = query.get(parameter);
    if (value === null) continue;
    if (!isSigned) {
      throw invalidRequest(
        "Request specific response headers cannot be used for anonymous GET requests.",
      );
    }
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw invalidArgument(`Header value cannot be represented using ISO-8859-1: ${parameter}`);
    }
    chosen[header] = value;
  }
  return chosen;
}
