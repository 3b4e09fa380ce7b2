import { checksumOfHeader } from "../s3/checksums.ts";
import { invalidArgument } from "../s3/errors.ts";
import { xmlDocument } from "../s3/xml.ts";
import { isAllowed } from "./access.ts";
import type { Bucket } from "./buckets.ts";
import { byteRange } from "./byte-range.ts";
import { readVerdict } from "./conditions.ts";
import { accessDenied, invalidRequest, notImplemented, preconditionFailed } from "./errors.ts";
import { keepPart, partNumberOf, requireUpload } from "./multipart-operations.ts";
import {
  checksumElement,
  checksumHeader,
  encryptionHeaders,
  keptHeaders,
  objectAcl,
  versionHeaders,
} from "./object-headers.ts";
import type { ObjectFacts, ObjectVersion, StoredChecksum } from "./object-records.ts";
import { type Operation, type S3Request, xmlResponse } from "./operation.ts";
import { readTaggingHeader } from "./tags.ts";
import { putVersion, requireVersion } from "./versions.ts";

interface Source {
  readonly bucket: Bucket;
  readonly version: ObjectVersion;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const copyObject: Operation = async (s3) => {
  const { storage, bucket, key, request } = s3;
  const source = sourceOf(s3);
  const { version } = source;
  const facts = copiedFacts(s3, source);
  return storage.blobs.draft(async ({ copy }) => {
    const segments = await copy(version.content.segments);
    const { size, etag } = version;
    const content = { ...facts, segments };
    const put = putVersion(storage, bucket, { key, size, etag, content }, request.headers);
    return copyResult("CopyObjectResult", s3, source, etag, put.modified, content.checksum, {
      ...versionHeaders(bucket.body.settings, put),
    });
  });
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export const copyPart: Operation = async (s3) => {
  const { storage, query, request } = s3;
  const number = partNumberOf(query.get("partNumber"));
  const upload = requireUpload(s3);
  const source = sourceOf(s3);
  const { size, content } = source.version;
  const asked = request.headers.get("x-amz-copy-source-range");
  const range = asked === null ? { start: 0, end: size } : byteRange(asked, size);
  if (range === "all")
    throw invalidArgument("The x-amz-copy-source-range value must be of the form bytes=first-last");
  if (range === "unsatisfiable")
    throw invalidRequest("The specified copy range is not satisfiable.");
  return storage.blobs.draft(async ({ receive }) => {
    const header = upload.checksum?.header ?? "";
    const checksum = checksumOfHeader(header);
    const bytes = storage.blobs.read(content.segments, range.start, range.end);
    const summed = ReadableStream.from(passOn(bytes, (chunk) => checksum?.update(chunk)));
    const received = await receive(range.start === range.end ? null : summed);
    const sum = checksum && Buffer.from(await checksum.digest()).toString("base64");
    const part = keepPart(
      s3,
      upload.id,
      number,
      received,
      sum === undefined ? {} : { [header]: sum },
    );
    return copyResult("CopyPartResult", s3, source, part.etag, part.modified, undefined, {});
  });
};

async function* passOn(bytes: ReadableStream<Uint8Array>, see: (chunk: Uint8Array) => void) {
  for await (const chunk of bytes) {
    see(chunk);
    yield chunk;
  }
}

/** Headers, tags and list of the copy: the source's or the request's, as its directives say. */
function copiedFacts(
  { request, bucket, key }: S3Request,
  { bucket: from, version }: Source,
): ObjectFacts {
  const { headers } = request;
  const { content } = version;
  const replaces = (name: string) => {
    const directive = headers.get(name) ?? "COPY";
    if (directive !== "COPY" && directive !== "REPLACE") {
      throw invalidArgument(
        `Unknown ${name.includes("tagging") ? "tagging" : "metadata"} directive.`,
      );
    }
    return directive === "REPLACE";
  };
  const replacesHeaders = replaces("x-amz-metadata-directive");
  const replacesTags = replaces("x-amz-tagging-directive");
  const isItself = from.id === bucket.id && version.key === key && version.isLatest;
  if (isItself && !replacesHeaders && !replacesTags) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const algorithm = headers.get("x-amz-checksum-algorithm");
  if (algorithm !== null && checksumHeader(algorithm) !== content.checksum?.header) {
    throw notImplemented("Copying with another checksum algorithm than the source has");
  }
  return {
    headers: replacesHeaders ? keptHeaders(headers) : content.headers,
    tags: replacesTags ? readTaggingHeader(headers.get("x-amz-tagging") ?? "") : content.tags,
    acl: objectAcl(headers, bucket.body.settings),
    ...(content.checksum === undefined ? {} : { checksum: content.checksum }),
  };
}

/** The source that `x-amz-copy-source` names, if the caller may read it and its conditions hold. */
function sourceOf({ storage, caller, request, bucket: target }: S3Request): Source {
  const { name, key, versionId } = parseSource(request.headers.get("x-amz-copy-source") ?? "");
  const bucket = storage.buckets.require(name);
  const owner = request.headers.get("x-amz-source-expected-bucket-owner");
  if (owner !== null && owner !== bucket.body.accountId) throw accessDenied();
  const action = versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
  const asked = { caller, bucket, right: "read", action, key } as const;
  const present =
    versionId === undefined
      ? storage.index.latest(bucket.id, key)
      : storage.index.version(bucket.id, key, versionId);
  const acl = present === undefined ? {} : { objectAcl: present.content.acl };
  if (!isAllowed({ ...asked, ...acl })) throw accessDenied();
  if (!storage.dialect.copiesAcrossRegions && bucket.body.region !== target.body.region) {
    throw notImplemented("Copying from another region");
  }
  const version = requireVersion(storage, bucket, key, versionId, "x-amz-copy-source");
  const verdict = readVerdict(request.headers, version, "x-amz-copy-source-");
  if (verdict.kind === "failed") {
    throw preconditionFailed(`x-amz-copy-source-${verdict.condition}`);
  }
  return { bucket, version };
}

/** `/bucket/key?versionId=…`, URL-encoded; the first slash may be missing. */
function parseSource(text: string): { name: string; key: string; versionId: string | undefined } {
  const [path = "", versionId] = text.split("?versionId=");
  const [name = "", ...key] = path.replace(/^\//, "").split("/");
  try {
    const source = { name: decodeURIComponent(name), key: decodeURIComponent(key.join("/")) };
    if (source.name !== "" && source.key !== "") return { ...source, versionId };
  } catch {
    // Refused below.
  }
  throw invalidArgument(
    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
  );
}

function copyResult(
  root: string,
  { storage }: S3Request,
  { bucket, version }: Source,
  etag: string,
  modified: number,
  checksum: StoredChecksum | undefined,
  headers: Readonly<Record<string, string>>,
): Response {
  const isVersioned = bucket.body.settings.versioning !== undefined;
  const document = xmlDocument(root, {
    ETag: `"${etag}"`,
    LastModified: new Date(modified).toISOString(),
    ...(checksum === undefined
      ? {}
      : { [checksumElement(checksum.header)]: checksum.value, ChecksumType: checksum.type }),
  });
  return xmlResponse(document, {
    ...headers,
    ...encryptionHeaders(storage.dialect),
    ...(isVersioned ? { "x-amz-copy-source-version-id": version.version } : {}),
  });
}
