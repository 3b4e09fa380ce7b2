import { randomUUID } from "node:crypto";
import { invalidArgument, malformedXml, s3Error } from "../s3/errors.ts";
import { documentOf } from "../s3/payload.ts";
import { children, childText, parseXml, type XmlNode, xmlDocument } from "../s3/xml.ts";
import { ownerOf } from "./acl.ts";
import type { Received } from "./blobs.ts";
import {
  compositeChecksum,
  etagOfParts,
  fullObjectChecksum,
  isLinear,
} from "./checksum-of-parts.ts";
import { includesTag } from "./conditions.ts";
import { invalidRequest, noSuchUpload } from "./errors.ts";
import { limitOf } from "./list-documents.ts";
import {
  checksumElement,
  checksumElements,
  checksumHeader,
  checksumHeaders,
  encryptionHeaders,
  factsOf,
  fullChecksum,
  versionHeaders,
} from "./object-headers.ts";
import { entityTooLarge, MAX_PUT_BYTES } from "./object-operations.ts";
import type { Part, StoredChecksum, Upload } from "./object-records.ts";
import { done, type Operation, type S3Request, xmlResponse } from "./operation.ts";
import { putVersion } from "./versions.ts";

const MAX_PARTS = 10_000;
/** Of every part but the last. */
const MIN_PART_BYTES = 5 * 1024 ** 2;

export const createUpload: Operation = async ({ storage, bucket, key, request }) => {
  const facts = factsOf(request.headers, bucket.body.settings);
  const checksum = wantedChecksum(request.headers);
  const id = randomUUID();
  storage.index.createUpload({
    id,
    bucket: storage.buckets.again(bucket).id,
    key,
    initiated: Date.now(),
    facts,
    ...(checksum === undefined ? {} : { checksum }),
  });
  const told = checksum && {
    "x-amz-checksum-algorithm": checksumElement(checksum.header).slice("Checksum".length),
    "x-amz-checksum-type": checksum.type,
  };
  return xmlResponse(
    xmlDocument("InitiateMultipartUploadResult", { Bucket: bucket.name, Key: key, UploadId: id }),
    { ...encryptionHeaders(storage.dialect), ...told },
  );
};

export const uploadPart: Operation = async (s3) => {
  const { storage, query } = s3;
  const number = partNumberOf(query.get("partNumber"));
  const { id } = requireUpload(s3);
  const payload = await s3.payload();
  if (payload.length > MAX_PUT_BYTES) throw entityTooLarge();
  return storage.blobs.draft(async ({ receive }) => {
    const received = await receive(payload.stream);
    const checksums = payload.checksums();
    const { etag } = keepPart(s3, id, number, received, checksums);
    return done(200, { etag: `"${etag}"`, ...encryptionHeaders(storage.dialect), ...checksums });
  });
};

/** Makes what was received the part of the upload, which may have ended meanwhile. */
export function keepPart(
  s3: S3Request,
  upload: string,
  number: number,
  { segments, size, md5 }: Received,
  checksums: Readonly<Record<string, string>>,
): Part {
  requireUpload(s3);
  const { checksum } = fullChecksum(checksums);
  const part: Part = {
    upload,
    number,
    etag: md5,
    size,
    modified: Date.now(),
    segments,
    ...(checksum === undefined ? {} : { checksum }),
  };
  s3.storage.blobs.discard(s3.storage.index.putPart(part));
  return part;
}

export const completeUpload: Operation = async (s3) => {
  const { storage, bucket, key, request, url } = s3;
  const upload = requireUpload(s3);
  const document = await documentOf(await s3.payload("object"));
  const parts = chosenParts(document, storage.index.parts(upload.id));
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const expectedSize = request.headers.get("x-amz-mp-object-size");
  if (expectedSize !== null && Number(expectedSize) !== size) {
    throw invalidRequest(
      "The provided 'x-amz-mp-object-size' header does not match what was computed.",
    );
  }
  const checksum = await checksumOf(upload, parts);
  const expected = checksum && request.headers.get(checksum.header);
  if (checksum !== undefined && typeof expected === "string" && expected !== checksum.value) {
    throw s3Error(400, "BadDigest", "The checksum you specified did not match what we computed.");
  }
  // Another request may have ended the upload while this one's checksum was computed.
  requireUpload(s3);
  const etag = etagOfParts(parts.map((part) => part.etag));
  const content = {
    ...upload.facts,
    ...(checksum === undefined ? {} : { checksum }),
    segments: parts.flatMap(({ segments }) => segments),
  };
  const put = putVersion(storage, bucket, { key, size, etag, content }, request.headers, upload.id);
  return xmlResponse(
    xmlDocument("CompleteMultipartUploadResult", {
      Location: `${url.origin}${url.pathname}`,
      Bucket: bucket.name,
      Key: key,
      ETag: `"${etag}"`,
      ...(checksum === undefined
        ? {}
        : { [checksumElement(checksum.header)]: checksum.value, ChecksumType: checksum.type }),
    }),
    {
      ...versionHeaders(bucket.body.settings, put),
      ...encryptionHeaders(storage.dialect),
      ...checksumHeaders(content),
    },
  );
};

export const abortUpload: Operation = async (s3) => {
  const { index, blobs } = s3.storage;
  blobs.discard(index.removeUpload(requireUpload(s3).id));
  return done(204);
};

export const listParts: Operation = async (s3) => {
  const { storage, bucket, key, query } = s3;
  const upload = requireUpload(s3);
  const limit = Math.min(limitOf(query.get("max-parts"), "max-parts"), 1000);
  const marker = Number(query.get("part-number-marker") ?? 0);
  const rest = storage.index.parts(upload.id).filter(({ number }) => number > marker);
  const page = rest.slice(0, limit);
  const owner = ownerOf(bucket.body.accountId);
  return xmlResponse(
    xmlDocument("ListPartsResult", {
      Bucket: bucket.name,
      Key: key,
      UploadId: upload.id,
      Initiator: owner,
      Owner: owner,
      StorageClass: "STANDARD",
      PartNumberMarker: marker,
      NextPartNumberMarker: page.at(-1)?.number ?? marker,
      MaxParts: limit,
      IsTruncated: rest.length > page.length,
      Part: page.map(({ number, etag, size, modified, checksum }) => ({
        PartNumber: number,
        LastModified: new Date(modified).toISOString(),
        ETag: `"${etag}"`,
        Size: size,
        ...(checksum === undefined ? {} : { [checksumElement(checksum.header)]: checksum.value }),
      })),
    }),
  );
};

/** The upload that the query names, of this very key. */
export function requireUpload({ storage, bucket, key, query }: S3Request): Upload {
  const upload = storage.index.upload(query.get("uploadId") ?? "");
  if (upload?.bucket !== bucket.id || upload.key !== key) throw noSuchUpload();
  return upload;
}

export function partNumberOf(text: string | null): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
    throw invalidArgument(`Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`);
  }
  return number;
}

/** The parts that the document lists, which must be there as it says, in order and large enough. */
function chosenParts(text: string, uploaded: readonly Part[]): Part[] {
  const listed = children(parseXml(text, "CompleteMultipartUpload"), "Part");
  if (listed.length === 0) throw malformedXml();
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  const parts = listed.map((element) => {
    const part = byNumber.get(Number(childText(element, "PartNumber")));
    if (part === undefined || !isAsListed(part, element)) {
      throw s3Error(
        400,
        "InvalidPart",
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      );
    }
    return part;
  });
  if (parts.some(({ number }, index) => index > 0 && number <= (parts[index - 1]?.number ?? 0))) {
    throw s3Error(
      400,
      "InvalidPartOrder",
      "The list of parts was not in ascending order. The parts list must be specified in order by part number.",
    );
  }
  if (parts.slice(0, -1).some(({ size }) => size < MIN_PART_BYTES)) {
    throw s3Error(
      400,
      "EntityTooSmall",
      "Your proposed upload is smaller than the minimum allowed size",
    );
  }
  return parts;
}

function isAsListed({ etag, checksum }: Part, element: XmlNode): boolean {
  const listedTag = childText(element, "ETag");
  if (listedTag === undefined || !includesTag(listedTag, etag)) return false;
  return checksumElements.every(({ header, element: name }) => {
    const value = childText(element, name);
    return value === undefined || (checksum?.header === header && checksum.value === value);
  });
}

/** The checksum that the upload was created to have. */
async function checksumOf(
  { checksum: wanted }: Upload,
  parts: readonly Part[],
): Promise<StoredChecksum | undefined> {
  if (wanted === undefined) return undefined;
  const { header, type } = wanted;
  const checksums = parts.map(({ checksum, size }) => {
    if (checksum?.header !== header) {
      throw invalidRequest(
        `The upload was created using a ${header} checksum. The complete request must include the checksum for each part.`,
      );
    }
    return { value: checksum.value, size };
  });
  const value =
    type === "COMPOSITE"
      ? await compositeChecksum(header, checksums)
      : fullObjectChecksum(header, checksums);
  return { header, type, value };
}

/** By default each algorithm has the type that it was first served with. */
function wantedChecksum(headers: Headers): Upload["checksum"] {
  const algorithm = headers.get("x-amz-checksum-algorithm");
  if (algorithm === null) return undefined;
  const header = checksumHeader(algorithm);
  const isCrc64 = header.endsWith("crc64nvme");
  const type = headers.get("x-amz-checksum-type") ?? (isCrc64 ? "FULL_OBJECT" : "COMPOSITE");
  if (type === "FULL_OBJECT" && isLinear(header)) return { header, type };
  if (type === "COMPOSITE" && !isCrc64) return { header, type };
  throw invalidRequest(
    `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}
