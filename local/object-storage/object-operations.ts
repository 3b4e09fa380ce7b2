import { malformedXml, s3Error } from "../s3/errors.ts";
import { documentOf } from "../s3/payload.ts";
import { children, childText, parseXml, xmlDocument } from "../s3/xml.ts";
import { isAllowed } from "./access.ts";
import { aclDocument, aclOfHeader, readAclDocument, refuseBlockedAcl } from "./acl.ts";
import { type ByteRange, byteRange, contentRange } from "./byte-range.ts";
import { includesTag, readVerdict } from "./conditions.ts";
import { accessDenied, invalidRequest, preconditionFailed } from "./errors.ts";
import {
  checksumElement,
  checksumHeaders,
  encryptionHeaders,
  factsOf,
  fullChecksum,
  overriddenHeaders,
  versionHeaders,
} from "./object-headers.ts";
import type { ObjectVersion, StoredContent } from "./object-records.ts";
import { done, type Operation, type S3Request, xmlResponse } from "./operation.ts";
import { MAX_TAGS, readTagging, taggingDocument } from "./tags.ts";
import {
  type Deletion,
  deleteVersion,
  presentVersion,
  putVersion,
  refuseUnmet,
  requireVersion,
} from "./versions.ts";

/** The most that is put at once; more comes in parts. */
export const MAX_PUT_BYTES = 5 * 1024 ** 3;
const MAX_DELETED_KEYS = 1000;

export const putObject: Operation = async (s3) => {
  const { storage, bucket, key, request } = s3;
  const facts = factsOf(request.headers, bucket.body.settings);
  const payload = await s3.payload();
  if (payload.length > MAX_PUT_BYTES) throw entityTooLarge();
  return storage.blobs.draft(async ({ receive }) => {
    const { segments, size, md5 } = await receive(payload.stream);
    const content = { ...facts, ...fullChecksum(payload.checksums()), segments };
    const put = putVersion(storage, bucket, { key, size, etag: md5, content }, request.headers);
    return done(200, {
      etag: `"${md5}"`,
      ...versionHeaders(bucket.body.settings, put),
      ...encryptionHeaders(storage.dialect),
      ...checksumHeaders(content),
    });
  });
};

/** GetObject and HeadObject: the same but for the body. */
export const getObject: Operation = async (s3) => {
  const { storage, bucket, request, query, caller } = s3;
  const version = versionOf(s3);
  const { etag, modified, size, content } = version;
  const headers: Record<string, string> = {
    etag: `"${etag}"`,
    "last-modified": new Date(modified).toUTCString(),
    "accept-ranges": "bytes",
    ...content.headers,
    ...versionHeaders(bucket.body.settings, version),
    ...encryptionHeaders(storage.dialect),
    ...(content.tags.length > 0 ? { "x-amz-tagging-count": String(content.tags.length) } : {}),
  };
  const verdict = readVerdict(request.headers, version);
  if (verdict.kind === "failed") throw preconditionFailed(verdict.condition);
  if (verdict.kind === "not modified") return done(304, headers);

  Object.assign(headers, overriddenHeaders(query, caller.proof !== undefined));
  const range = rangeOf(s3, version);
  const { start, end } = range ?? { start: 0, end: size };
  headers["content-length"] = String(end - start);
  if (range !== undefined) headers["content-range"] = contentRange(range, size);
  if (query.has("partNumber") && isInParts(version)) {
    headers["x-amz-mp-parts-count"] = String(content.segments.length);
  }
  // A checksum is of the whole, which the client could not verify on a part of it.
  const isChecksumAsked = request.headers.get("x-amz-checksum-mode") === "ENABLED";
  if (isChecksumAsked && range === undefined) Object.assign(headers, checksumHeaders(content));

  const status = range === undefined ? 200 : 206;
  if (request.method === "HEAD" || start === end) return done(status, headers);
  return new Response(storage.blobs.read(content.segments, start, end), { status, headers });
};

export const deleteObject: Operation = async ({ storage, bucket, key, query, request }) => {
  const versionId = query.get("versionId") ?? undefined;
  if (request.headers.has("if-match")) {
    refuseUnmet(request.headers, presentVersion(storage.index.latest(bucket.id, key)), key);
  }
  const { removed, marker } = deleteVersion(storage, bucket, key, versionId);
  return done(204, {
    ...(removed !== undefined ? versionHeaders(bucket.body.settings, removed) : {}),
    ...(removed?.isMarker === true ? { "x-amz-delete-marker": "true" } : {}),
    ...(marker !== undefined ? { "x-amz-version-id": marker, "x-amz-delete-marker": "true" } : {}),
  });
};

/** Deletes up to 1000 keys or versions; each is allowed, done and told by itself. */
export const deleteObjects: Operation = async (s3) => {
  const { storage, bucket, caller } = s3;
  const document = parseXml(await documentOf(await s3.payload()), "Delete");
  const wanted = children(document, "Object").map((object) => ({
    key: childText(object, "Key") ?? "",
    versionId: childText(object, "VersionId") || undefined,
    etag: childText(object, "ETag"),
  }));
  const isMalformed = wanted.length === 0 || wanted.some(({ key }) => key === "");
  if (isMalformed || wanted.length > MAX_DELETED_KEYS) throw malformedXml();

  const deleted: object[] = [];
  const errors: object[] = [];
  for (const { key, versionId, etag } of wanted) {
    const named = { Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) };
    const action = versionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
    const present = presentVersion(storage.index.latest(bucket.id, key));
    if (!isAllowed({ caller, bucket, right: "write", action, key })) {
      errors.push({ ...named, Code: "AccessDenied", Message: "Access Denied" });
    } else if (etag !== undefined && !includesTag(etag, present?.etag ?? "")) {
      errors.push({ ...named, Code: "PreconditionFailed", Message: "The ETag does not match" });
    } else {
      deleted.push({
        ...named,
        ...deletionElements(deleteVersion(storage, bucket, key, versionId)),
      });
    }
  }
  const isQuiet = childText(document, "Quiet")?.trim() === "true";
  return xmlResponse(
    xmlDocument("DeleteResult", { Deleted: isQuiet ? [] : deleted, Error: errors }),
  );
};

const deletionElements = ({ removed, marker }: Deletion): object => {
  if (marker !== undefined) return { DeleteMarker: true, DeleteMarkerVersionId: marker };
  return removed?.isMarker === true
    ? { DeleteMarker: true, DeleteMarkerVersionId: removed.version }
    : {};
};

export const getObjectTagging: Operation = async (s3) => {
  const version = versionOf(s3);
  return xmlResponse(
    taggingDocument(version.content.tags),
    versionHeaders(s3.bucket.body.settings, version),
  );
};

export const putObjectTagging: Operation = async (s3) => {
  const tags = readTagging(await documentOf(await s3.payload()), MAX_TAGS.object);
  return changeContent(s3, 200, (content) => ({ ...content, tags }));
};

export const deleteObjectTagging: Operation = async (s3) =>
  changeContent(s3, 204, (content) => ({ ...content, tags: [] }));

export const getObjectAcl: Operation = async (s3) =>
  xmlResponse(aclDocument(versionOf(s3).content.acl, s3.bucket.body));

export const putObjectAcl: Operation = async (s3) => {
  const { accountId, settings } = s3.bucket.body;
  const document = await documentOf(await s3.payload());
  const acl = aclOfHeader(s3.request.headers, "object") ?? readAclDocument(document, accountId);
  refuseBlockedAcl(settings, acl);
  return changeContent(s3, 200, (content) => ({ ...content, acl }));
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export const getObjectAttributes: Operation = async (s3) => {
  const version = versionOf(s3);
  const { etag, size, modified, content } = version;
  const { checksum, segments } = content;
  const all: Readonly<Record<string, unknown>> = {
    ETag: etag,
    ...(checksum === undefined
      ? {}
      : {
          Checksum: {
            [checksumElement(checksum.header)]: checksum.value,
            ChecksumType: checksum.type,
          },
        }),
    ...(isInParts(version) ? { ObjectParts: { PartsCount: segments.length } } : {}),
    StorageClass: "STANDARD",
    ObjectSize: size,
  };
  const asked = (s3.request.headers.get("x-amz-object-attributes") ?? "").split(/\s*,\s*/);
  const told = Object.entries(all).filter(([name]) => asked.includes(name));
  return xmlResponse(xmlDocument("GetObjectAttributesResponse", Object.fromEntries(told)), {
    "last-modified": new Date(modified).toUTCString(),
    ...versionHeaders(s3.bucket.body.settings, version),
  });
};

export const entityTooLarge = () =>
  s3Error(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");

/**
 * The version that the request is about. Whoever may not list the bucket is not told that a key is missing
 * from it.
 */
function versionOf({ storage, bucket, key, query, caller }: S3Request): ObjectVersion {
  try {
    return requireVersion(storage, bucket, key, query.get("versionId") ?? undefined);
  } catch (error) {
    if (!isAllowed({ caller, bucket, right: "read", action: "s3:ListBucket" }))
      throw accessDenied();
    throw error;
  }
}

function changeContent(
  s3: S3Request,
  status: number,
  change: (content: StoredContent) => StoredContent,
): Response {
  const version = versionOf(s3);
  s3.storage.index.changeContent(version, change(version.content));
  return done(status, versionHeaders(s3.bucket.body.settings, version));
}

/** The part of the object that is asked for by its bytes or by its number; undefined for all of it. */
function rangeOf({ request, query }: S3Request, version: ObjectVersion): ByteRange | undefined {
  const { size, etag, content } = version;
  const part = query.get("partNumber");
  const header = request.headers.get("range");
  if (part !== null) {
    if (header !== null) {
      throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
    }
    return partRange(Number(part), isInParts(version) ? content.segments : [{ size }]);
  }
  const ifRange = request.headers.get("if-range");
  if (ifRange !== null && !includesTag(ifRange, etag)) return undefined;
  const range = byteRange(header, size);
  if (range === "all") return undefined;
  if (range === "unsatisfiable") {
    throw s3Error(416, "InvalidRange", "The requested range is not satisfiable", {
      details: { ActualObjectSize: String(size) },
      headers: { "content-range": `bytes */${size}` },
    });
  }
  return range;
}

function partRange(number: number, parts: readonly { readonly size: number }[]): ByteRange {
  const part = parts[number - 1];
  if (part === undefined) {
    throw s3Error(416, "InvalidPartNumber", "The requested partnumber is not satisfiable");
  }
  const start = parts.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  return { start, end: start + part.size };
}

/** Whether it was uploaded in parts, which its entity tag tells. */
const isInParts = ({ etag, content }: ObjectVersion): boolean =>
  etag.includes("-") && content.segments.length > 0;
