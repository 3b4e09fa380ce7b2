import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../../support/local-cloud.ts";
import { bytesOf, s3Client } from "./client.ts";

const MIB = 1024 * 1024;
const Bucket = "objects";
let cloud: TestCloud;
let s3: S3Client;

beforeAll(async () => {
  cloud = await startTestCloud();
  s3 = s3Client(cloud, cloud.environment("staging"));
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => cloud.close());

const put = (Key: string, Body: string | Uint8Array, rest: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...rest }));
const get = (Key: string, rest: object = {}) =>
  s3.send(new GetObjectCommand({ Bucket, Key, ...rest }));
const text = async (Key: string, rest: object = {}) =>
  (await get(Key, rest)).Body?.transformToString();
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("an object put with the AWS SDK", () => {
  test("comes back with its bytes, type, metadata and entity tag", async () => {
    const { ETag } = await put("notes/today.txt", "hello", {
      ContentType: "text/plain",
      CacheControl: "max-age=60",
      Metadata: { author: "ada" },
    });
    const object = await get("notes/today.txt");
    expect(await object.Body?.transformToString()).toBe("hello");
    expect(object).toMatchObject({
      ETag,
      ContentType: "text/plain",
      CacheControl: "max-age=60",
      ContentLength: 5,
      Metadata: { author: "ada" },
    });
    expect(ETag).toBe(`"${createHash("md5").update("hello").digest("hex")}"`);
  });

  test.each([
    "with spaces in it.txt",
    "unicode/ключ-日本語-é.txt",
    "plus+sign&ampersand=equals?.txt",
    "percent%20literal.txt",
    "parens(1)'quote'*star!.txt",
    '<angle>"double".txt',
    " leads and ends with spaces ",
    "/begins/with/a/slash",
  ])("keeps the key %j", async (key) => {
    await put(key, key);
    expect(await text(key)).toBe(key);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: key }));
    expect(Contents.map(({ Key }) => Key)).toEqual([key]);
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }] } }));
    await expect(get(key)).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  test("may be empty", async () => {
    await put("empty", "");
    expect(await text("empty")).toBe("");
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "empty" }))).toMatchObject({
      ContentLength: 0,
    });
  });

  test("may be 20 MB large", async () => {
    const bytes = bytesOf(20 * MIB);
    await put("large", bytes);
    const back = await (await get("large")).Body?.transformToByteArray();
    expect(sha256(back ?? new Uint8Array())).toBe(sha256(bytes));
  });

  test("may be a stream, sent in aws-chunked encoding with a trailing checksum", async () => {
    const bytes = bytesOf(3 * MIB + 17);
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: "streamed",
        Body: Readable.from(chunksOf(bytes, 100_000)),
        ContentLength: bytes.length,
      }),
    );
    const object = await get("streamed");
    expect(object.ContentEncoding).toBeUndefined();
    expect(sha256((await object.Body?.transformToByteArray()) ?? new Uint8Array())).toBe(
      sha256(bytes),
    );
  });

  test.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "is accepted with a %s checksum",
    async (ChecksumAlgorithm) => {
      await put(`checksum/${ChecksumAlgorithm}`, "checked", { ChecksumAlgorithm });
      expect(await text(`checksum/${ChecksumAlgorithm}`)).toBe("checked");
    },
  );

  test("keeps its content encoding, and its bytes are not decoded", async () => {
    await put("encoded", "not really gzip", { ContentEncoding: "gzip" });
    const { ContentEncoding, ContentLength } = await s3.send(
      new HeadObjectCommand({ Bucket, Key: "encoded" }),
    );
    expect(ContentEncoding).toBe("gzip");
    expect(ContentLength ?? 15).toBe(15);
    expect(await text("encoded")).toBe("not really gzip");
  });
});

describe("reading", () => {
  test("answers ranges", async () => {
    await put("range", "0123456789");
    const part = await get("range", { Range: "bytes=2-4" });
    expect(part).toMatchObject({ ContentRange: "bytes 2-4/10", ContentLength: 3 });
    expect(await part.Body?.transformToString()).toBe("234");
    await expect(get("range", { Range: "bytes=50-60" })).rejects.toMatchObject({
      name: "InvalidRange",
    });
  });

  test("answers conditions", async () => {
    const { ETag } = await put("condition", "value");
    expect(await text("condition", { IfMatch: ETag })).toBe("value");
    await expect(get("condition", { IfMatch: '"other"' })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    await expect(get("condition", { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
  });

  test("tells a missing key from a missing bucket", async () => {
    await expect(get("missing")).rejects.toMatchObject({ name: "NoSuchKey" });
    await expect(
      s3.send(new GetObjectCommand({ Bucket: "no-such-bucket", Key: "missing" })),
    ).rejects.toMatchObject({ name: "NoSuchBucket" });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "missing" }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe("listing", () => {
  test("goes over several pages, groups by delimiter and starts after a key", async () => {
    const keys = ["a/1", "a/2", "b/1", "c"].map((key) => `list/${key}`);
    for (const key of keys) await put(key, key);
    const listed: (string | undefined)[] = [];
    const pages = paginateListObjectsV2({ client: s3, pageSize: 3 }, { Bucket, Prefix: "list/" });
    for await (const page of pages) listed.push(...(page.Contents ?? []).map(({ Key }) => Key));
    expect(listed).toEqual(keys);

    const grouped = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: "list/", Delimiter: "/" }),
    );
    expect(grouped.CommonPrefixes).toEqual([{ Prefix: "list/a/" }, { Prefix: "list/b/" }]);
    expect(grouped.Contents?.map(({ Key }) => Key)).toEqual(["list/c"]);

    const first = await s3.send(new ListObjectsCommand({ Bucket, Prefix: "list/", MaxKeys: 2 }));
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: "list/a/2" });
  });
});

describe("changing", () => {
  test("copies with and without new metadata", async () => {
    await put("copy/from", "copied", { Metadata: { kept: "yes" } });
    await s3.send(
      new CopyObjectCommand({ Bucket, Key: "copy/to", CopySource: `${Bucket}/copy/from` }),
    );
    const object = await get("copy/to");
    expect(await object.Body?.transformToString()).toBe("copied");
    expect(object.Metadata).toEqual({ kept: "yes" });
  });

  test("deletes one, and a thousand at once", async () => {
    await put("delete/one", "x");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "delete/one" }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "delete/one" }));
    await expect(get("delete/one")).rejects.toMatchObject({ name: "NoSuchKey" });

    const Objects = Array.from({ length: 1000 }, (_, index) => ({ Key: `delete/${index}` }));
    await put("delete/7", "x");
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toHaveLength(1000);
    await expect(get("delete/7")).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

describe("a multipart upload", () => {
  const begin = async (Key: string) => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    return { Bucket, Key, UploadId };
  };
  const upload = async (
    target: Awaited<ReturnType<typeof begin>>,
    PartNumber: number,
    Body: Uint8Array,
  ) => {
    const { ETag } = await s3.send(new UploadPartCommand({ ...target, PartNumber, Body }));
    return { PartNumber, ETag };
  };

  test("joins its parts", async () => {
    const bytes = bytesOf(11 * MIB);
    const target = await begin("multipart/joined");
    const Parts = [
      await upload(target, 1, bytes.subarray(0, 5 * MIB)),
      await upload(target, 2, bytes.subarray(5 * MIB, 10 * MIB)),
      await upload(target, 3, bytes.subarray(10 * MIB)),
    ];
    const done = await s3.send(
      new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }),
    );
    expect(done.Location).toBe(`${cloud.s3Url}/${Bucket}/multipart/joined`);
    expect(done.ETag).toMatch(/-3"$/);
    const back = await (await get("multipart/joined")).Body?.transformToByteArray();
    expect(sha256(back ?? new Uint8Array())).toBe(sha256(bytes));
  });

  test("is gone after it was aborted", async () => {
    const target = await begin("multipart/aborted");
    const part = await upload(target, 1, bytesOf(10));
    await s3.send(new AbortMultipartUploadCommand(target));
    await expect(
      s3.send(
        new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: [part] } }),
      ),
    ).rejects.toMatchObject({ name: "NoSuchUpload" });
  });

  test("cannot list its parts, and says so", async () => {
    await expect(
      s3.send(new ListPartsCommand(await begin("multipart/parts"))),
    ).rejects.toMatchObject({ name: "NotImplemented", $metadata: { httpStatusCode: 501 } });
  });
});

function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}
