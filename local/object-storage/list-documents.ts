import { invalidArgument, type S3Error } from "../s3/errors.ts";
import { xmlDocument } from "../s3/xml.ts";
import { ownerOf } from "./acl.ts";
import { afterPrefix, commonPrefix, FROM_START, type Listing, listPage } from "./listing.ts";
import type { ObjectIndex, Start } from "./object-index.ts";
import type { ListedVersion, Upload } from "./object-records.ts";
import { type Operation, type S3Request, xmlResponse } from "./operation.ts";

/** The most that one page holds, whatever is asked. */
const MAX_KEYS = 1000;
const STORAGE_CLASS = "STANDARD";

/** What every listing is asked. */
interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  /** Writes keys as the client asked: as they are, or URL-encoded. */
  readonly encode: (key: string) => string;
  /** Elements that repeat the question. */
  readonly echo: Readonly<Record<string, string | number>>;
}

function listQuery({ query, bucket }: S3Request, limitName: string): ListQuery {
  const encoding = query.get("encoding-type");
  if (encoding !== null && encoding !== "url") {
    throw invalidArgument("Invalid Encoding Method specified in Request");
  }
  const encode = encoding === "url" ? urlEncoded : (key: string) => key;
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const asked = limitOf(query.get(limitName), limitName);
  const element = limitName.split("-").map(capital).join("");
  return {
    prefix,
    delimiter,
    limit: Math.min(asked, MAX_KEYS),
    encode,
    echo: {
      [element === "MaxUploads" ? "Bucket" : "Name"]: bucket.name,
      Prefix: encode(prefix),
      [element]: Math.min(asked, MAX_KEYS),
      ...(delimiter === "" ? {} : { Delimiter: encode(delimiter) }),
      ...(encoding === null ? {} : { EncodingType: encoding }),
    },
  };
}

/** ListObjects, the first version. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export const listObjects: Operation = async (s3) => {
  const asked = listQuery(s3, "max-keys");
  const marker = s3.query.get("marker") ?? "";
  const page = latestPage(s3, asked, afterMarker(marker, asked));
  const { next } = page;
  const nextMarker = next === undefined ? undefined : "item" in next ? next.item.key : next.prefix;
  return xmlResponse(
    xmlDocument("ListBucketResult", {
      ...asked.echo,
      Marker: asked.encode(marker),
      IsTruncated: next !== undefined,
      ...(nextMarker === undefined ? {} : { NextMarker: asked.encode(nextMarker) }),
      Contents: page.items.map((item) => objectElement(s3, asked, item, true)),
      CommonPrefixes: prefixElements(page, asked),
    }),
  );
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listObjectsV2: Operation = async (s3) => {
  const asked = listQuery(s3, "max-keys");
  const token = s3.query.get("continuation-token");
  const startAfter = s3.query.get("start-after") ?? "";
  const start = token === null ? { key: startAfter, isInclusive: false } : startOf(token);
  const page = latestPage(s3, asked, startAfter === "" && token === null ? FROM_START : start);
  const withOwner = s3.query.get("fetch-owner") === "true";
  return xmlResponse(
    xmlDocument("ListBucketResult", {
      ...asked.echo,
      ...(token === null ? {} : { ContinuationToken: token }),
      ...(startAfter === "" ? {} : { StartAfter: asked.encode(startAfter) }),
      KeyCount: page.items.length + page.prefixes.length,
      IsTruncated: page.next !== undefined,
      ...(page.next === undefined ? {} : { NextContinuationToken: tokenOf(page.next) }),
      Contents: page.items.map((item) => objectElement(s3, asked, item, withOwner)),
      CommonPrefixes: prefixElements(page, asked),
    }),
  );
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export const listVersions: Operation = async (s3) => {
  const { index } = s3.storage;
  const asked = listQuery(s3, "max-keys");
  const keyMarker = s3.query.get("key-marker") ?? "";
  const versionMarker = s3.query.get("version-id-marker") ?? "";
  const page = listPage<ListedVersion>({
    ...asked,
    start: afterMarker(keyMarker, asked),
    first: olderVersions(index, s3.bucket.id, keyMarker, versionMarker),
    source: (start) => index.listVersions(s3.bucket.id, start),
  });
  const element = (item: ListedVersion) => ({
    Key: asked.encode(item.key),
    VersionId: item.version,
    IsLatest: item.isLatest,
    LastModified: new Date(item.modified).toISOString(),
    Owner: ownerOf(s3.bucket.body.accountId),
    ...(item.isMarker
      ? {}
      : { ETag: `"${item.etag}"`, Size: item.size, StorageClass: STORAGE_CLASS }),
  });
  return xmlResponse(
    xmlDocument("ListVersionsResult", {
      ...asked.echo,
      KeyMarker: asked.encode(keyMarker),
      VersionIdMarker: versionMarker,
      IsTruncated: page.next !== undefined,
      ...nextMarkers(page, asked, "NextVersionIdMarker", ({ version }) => version),
      Version: page.items.filter(({ isMarker }) => !isMarker).map(element),
      DeleteMarker: page.items.filter(({ isMarker }) => isMarker).map(element),
      CommonPrefixes: prefixElements(page, asked),
    }),
  );
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export const listUploads: Operation = async (s3) => {
  const { index } = s3.storage;
  const asked = listQuery(s3, "max-uploads");
  const keyMarker = s3.query.get("key-marker") ?? "";
  const idMarker = s3.query.get("upload-id-marker") ?? "";
  const owner = ownerOf(s3.bucket.body.accountId);
  const page = listPage<Upload>({
    ...asked,
    start: afterMarker(keyMarker, asked),
    first: idMarker === "" ? [] : index.listUploadsAfter(s3.bucket.id, keyMarker, idMarker),
    source: (start) => index.listUploads(s3.bucket.id, start),
  });
  return xmlResponse(
    xmlDocument("ListMultipartUploadsResult", {
      ...asked.echo,
      KeyMarker: asked.encode(keyMarker),
      UploadIdMarker: idMarker,
      IsTruncated: page.next !== undefined,
      ...nextMarkers(page, asked, "NextUploadIdMarker", ({ id }) => id),
      Upload: page.items.map(({ id, key, initiated }) => ({
        Key: asked.encode(key),
        UploadId: id,
        Initiator: owner,
        Owner: owner,
        StorageClass: STORAGE_CLASS,
        Initiated: new Date(initiated).toISOString(),
      })),
      CommonPrefixes: prefixElements(page, asked),
    }),
  );
};

/** A number that a query gives as a limit; 1000 when it gives none. */
export function limitOf(text: string | null, name: string): number {
  const limit = text === null || text === "" ? MAX_KEYS : Number(text);
  if (!Number.isInteger(limit) || limit < 0 || limit > 2 ** 31 - 1) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`);
  }
  return limit;
}

const latestPage = (
  { storage, bucket }: S3Request,
  asked: ListQuery,
  start: Start,
): Listing<ListedVersion> =>
  listPage<ListedVersion>({
    ...asked,
    start,
    source: (from) => storage.index.listLatest(bucket.id, from),
  });

/** After a key, or after all keys of a common prefix, whichever the page before ended with. */
function afterMarker(marker: string, { prefix, delimiter }: ListQuery): Start {
  if (marker === "") return FROM_START;
  const isPrefix = commonPrefix(marker, prefix, delimiter) === marker;
  return (isPrefix ? afterPrefix(marker) : undefined) ?? { key: marker, isInclusive: false };
}

/** What is left of the key that the page before ended in. */
function olderVersions(index: ObjectIndex, bucket: string, key: string, version: string) {
  if (version === "") return [];
  const last = index.version(bucket, key, version);
  if (last === undefined) throw invalidArgument("Invalid version id specified");
  return index.listOlderVersions(bucket, key, last.sequence);
}

function nextMarkers<Item extends { readonly key: string }>(
  { next }: Listing<Item>,
  { encode }: ListQuery,
  name: string,
  idOf: (item: Item) => string,
): object {
  if (next === undefined) return {};
  return "item" in next
    ? { NextKeyMarker: encode(next.item.key), [name]: idOf(next.item) }
    : { NextKeyMarker: encode(next.prefix) };
}

const objectElement = (
  { bucket }: S3Request,
  { encode }: ListQuery,
  { key, modified, etag, size }: ListedVersion,
  withOwner: boolean,
) => ({
  Key: encode(key),
  LastModified: new Date(modified).toISOString(),
  ETag: `"${etag}"`,
  Size: size,
  StorageClass: STORAGE_CLASS,
  ...(withOwner ? { Owner: ownerOf(bucket.body.accountId) } : {}),
});

const prefixElements = ({ prefixes }: Listing<unknown>, { encode }: ListQuery) =>
  prefixes.map((prefix) => ({ Prefix: encode(prefix) }));

/** `k…` goes on after a key, `p…` after all keys with a prefix. */
const tokenOf = (next: NonNullable<Listing<ListedVersion>["next"]>): string =>
  Buffer.from("item" in next ? `k${next.item.key}` : `p${next.prefix}`).toString("base64url");

function startOf(token: string): Start {
  const text = Buffer.from(token, "base64url").toString("utf8");
  const place = text.slice(1);
  if (text.startsWith("k")) return { key: place, isInclusive: false };
  // Nothing comes after a prefix of the last characters there are, but the prefix's own keys would.
  const start = text.startsWith("p") ? afterPrefix(place) : undefined;
  if (start === undefined) throw invalidToken();
  return start;
}

const invalidToken = (): S3Error => invalidArgument("The continuation token provided is incorrect");

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

const urlEncoded = (key: string): string => encodeURIComponent(key).replaceAll("%2F", "/");
