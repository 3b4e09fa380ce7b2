import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  FULL_ACCESS,
  refusalOf,
  startObjectStorage,
  type TestObjectStorage,
} from "../../support/object-storage.ts";
import { bytesOf } from "../s3/client.ts";

const MIB = 1024 * 1024;
const Bucket = "objects";
let storage: TestObjectStorage;
let clients: Record<"s3" | "spaces", S3Client>;

beforeAll(async () => {
  storage = await startObjectStorage();
  clients = {
    s3: storage.client(storage.awsKey("111111111111")),
    spaces: storage.client(storage.spacesKey("team-1", FULL_ACCESS)),
  };
  for (const client of Object.values(clients))
    await client.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => storage.close());

const sha256 = (bytes: Uint8Array = new Uint8Array()) =>
  createHash("sha256").update(bytes).digest("hex");

describe.each(["s3", "spaces"] as const)("an object of %s", (vendor) => {
  const put = (Key: string, Body: string | Uint8Array | Readable, rest: object = {}) =>
    clients[vendor].send(new PutObjectCommand({ Bucket, Key, Body, ...rest }));
  const get = (Key: string, rest: object = {}) =>
    clients[vendor].send(new GetObjectCommand({ Bucket, Key, ...rest }));
  const text = async (Key: string, rest: object = {}) =>
    (await get(Key, rest)).Body?.transformToString();

  test("comes back with its bytes, headers, metadata and entity tag", async () => {
    const headers = {
      ContentType: "text/plain",
      CacheControl: "max-age=60",
      ContentDisposition: 'attachment; filename="today.txt"',
      ContentLanguage: "en",
      ContentEncoding: "identity",
      Metadata: { author: "ada", note: "two words" },
    };
    const { ETag, ServerSideEncryption } = await put("notes/today.txt", "hello", headers);
    const object = await get("notes/today.txt");
    expect(await object.Body?.transformToString()).toBe("hello");
    expect(object).toMatchObject({ ...headers, ETag, ContentLength: 5 });
    expect(ETag).toBe(`"${createHash("md5").update("hello").digest("hex")}"`);
    expect(ServerSideEncryption).toBe(vendor === "s3" ? "AES256" : undefined);
    const head = await clients[vendor].send(
      new HeadObjectCommand({ Bucket, Key: "notes/today.txt" }),
    );
    expect(head).toMatchObject({ ...headers, ETag, ContentLength: 5 });
    expect(head.LastModified?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  test("may be empty", async () => {
    await put("empty", "");
    const object = await get("empty");
    expect(object.ContentLength).toBe(0);
    expect(await object.Body?.transformToString()).toBe("");
    expect((await clients[vendor].send(new HeadObjectCommand({ Bucket, Key: "empty" }))).ETag).toBe(
      `"${createHash("md5").digest("hex")}"`,
    );
  });

  test("may be large, and is never held in memory as a whole", async () => {
    const bytes = bytesOf(24 * MIB);
    await put("large", Readable.from(chunksOf(bytes, 100_000)), { ContentLength: bytes.length });
    expect(sha256(await (await get("large")).Body?.transformToByteArray())).toBe(sha256(bytes));
  });

  test("that is put again has the last content, and that is deleted is missing", async () => {
    await put("again", "first");
    await put("again", "second");
    expect(await text("again")).toBe("second");
    await clients[vendor].send(new DeleteObjectCommand({ Bucket, Key: "again" }));
    expect(await refusalOf(get("again"))).toEqual({ name: "NoSuchKey", status: 404 });
    await clients[vendor].send(new DeleteObjectCommand({ Bucket, Key: "again" }));
  });

  test.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "keeps the %s checksum that it was put with",
    async (ChecksumAlgorithm) => {
      const Key = `checksum/${ChecksumAlgorithm}`;
      const name = `Checksum${ChecksumAlgorithm}` as const;
      const put1 = await put(Key, "checked", { ChecksumAlgorithm });
      const { [name]: value, ChecksumType } = await get(Key, { ChecksumMode: "ENABLED" });
      expect(value).toBe(put1[name]);
      expect(value).toMatch(/=$/);
      expect(ChecksumType).toBe("FULL_OBJECT");
      expect((await get(Key, { Range: "bytes=0-2" }))[name]).toBeUndefined();
    },
  );

  test("is refused with another checksum than its bytes have, and nothing is stored", async () => {
    for (const wrong of [
      { ContentMD5: Buffer.alloc(16).toString("base64") },
      { ChecksumCRC32: "AAAAAA==" },
      { ChecksumSHA256: Buffer.alloc(32).toString("base64") },
    ]) {
      expect(await refusalOf(put("wrong", "content", wrong))).toEqual({
        name: "BadDigest",
        status: 400,
      });
    }
    expect((await refusalOf(get("wrong"))).name).toBe("NoSuchKey");
  });

  test("is copied with its metadata, or with new ones", async () => {
    await put("copy/source", "copied", { Metadata: { a: "1" }, ContentType: "text/css" });
    const copy = (Key: string, rest: object = {}) =>
      clients[vendor].send(
        new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/copy/source`, ...rest }),
      );
    const { CopyObjectResult } = await copy("copy/target é");
    const target = await get("copy/target é");
    expect(target).toMatchObject({ Metadata: { a: "1" }, ContentType: "text/css" });
    expect(target.ETag).toBe(CopyObjectResult?.ETag);
    await copy("copy/replaced", { MetadataDirective: "REPLACE", Metadata: { b: "2" } });
    expect((await get("copy/replaced")).Metadata).toEqual({ b: "2" });
    expect((await refusalOf(copy("copy/source"))).name).toBe("InvalidRequest");
    const CopySourceIfMatch = '"0"';
    expect(await refusalOf(copy("copy/never", { CopySourceIfMatch }))).toEqual({
      name: "PreconditionFailed",
      status: 412,
    });
    // The copy has bytes of its own: it stays when the source goes.
    await clients[vendor].send(new DeleteObjectCommand({ Bucket, Key: "copy/source" }));
    expect(await text("copy/target é")).toBe("copied");
    expect((await refusalOf(copy("copy/never"))).name).toBe("NoSuchKey");
  });

  test("is answered in ranges", async () => {
    await put("range", "0123456789");
    expect(await text("range", { Range: "bytes=2-4" })).toBe("234");
    expect(await text("range", { Range: "bytes=7-" })).toBe("789");
    expect(await text("range", { Range: "bytes=-2" })).toBe("89");
    expect((await get("range", { Range: "bytes=2-4" })).ContentRange).toBe("bytes 2-4/10");
    expect((await get("range")).AcceptRanges).toBe("bytes");
    expect(await refusalOf(get("range", { Range: "bytes=10-" }))).toEqual({
      name: "InvalidRange",
      status: 416,
    });
  });

  test("is answered on conditions", async () => {
    const { ETag = "" } = await put("condition", "x");
    const before = new Date(Date.now() - 60_000);
    const after = new Date(Date.now() + 60_000);
    expect(await text("condition", { IfMatch: ETag, IfUnmodifiedSince: before })).toBe("x");
    expect(await text("condition", { IfNoneMatch: '"other"', IfModifiedSince: after })).toBe("x");
    for (const [conditions, status] of [
      [{ IfMatch: '"other"' }, 412],
      [{ IfUnmodifiedSince: before }, 412],
      [{ IfNoneMatch: ETag }, 304],
      [{ IfModifiedSince: after }, 304],
    ] as const) {
      expect((await refusalOf(get("condition", conditions))).status).toBe(status);
    }
  });

  test("is put on conditions, of which one of many at once is met", async () => {
    const puts = Array.from({ length: 8 }, (_, number) =>
      put("once", String(number), { IfNoneMatch: "*" }).then(
        () => String(number),
        () => undefined,
      ),
    );
    const winners = (await Promise.all(puts)).filter((number) => number !== undefined);
    expect(winners).toHaveLength(1);
    expect(await text("once")).toBe(winners[0]);
    const { ETag = "" } = await get("once");
    await put("once", "changed", { IfMatch: ETag });
    expect(await refusalOf(put("once", "late", { IfMatch: ETag }))).toEqual({
      name: "PreconditionFailed",
      status: 412,
    });
  });

  test("answers with the headers that a signed request asks for", async () => {
    await put("override", "x", { ContentType: "text/plain" });
    const { ContentType, ContentDisposition } = await get("override", {
      ResponseContentType: "image/png",
      ResponseContentDisposition: "inline",
    });
    expect({ ContentType, ContentDisposition }).toEqual({
      ContentType: "image/png",
      ContentDisposition: "inline",
    });
  });

  test("goes with up to 1000 others at once", async () => {
    for (const Key of ["many/a", "many/b&c", "many/d"]) await put(Key, "x");
    const Objects = [{ Key: "many/a" }, { Key: "many/b&c" }, { Key: "many/missing" }];
    const { Deleted, Errors = [] } = await clients[vendor].send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(Objects.map(({ Key }) => Key));
    expect(Errors).toEqual([]);
    const { Contents } = await clients[vendor].send(
      new ListObjectsV2Command({ Bucket, Prefix: "many/" }),
    );
    expect(Contents?.map(({ Key }) => Key)).toEqual(["many/d"]);
  });

  test("has the content of one of the writers that wrote at the same time", async () => {
    const bodies = Array.from({ length: 6 }, (_, number) => Buffer.alloc(MIB, number));
    let writing = true;
    const reading = (async () => {
      const seen: Uint8Array[] = [];
      while (writing) {
        const read = await get("race").catch(() => undefined);
        const bytes = await read?.Body?.transformToByteArray();
        if (bytes !== undefined) seen.push(bytes);
      }
      return seen;
    })();
    await Promise.all(bodies.map((body) => put("race", body)));
    writing = false;
    const whole = new Set(bodies.map((body) => sha256(body)));
    const last = await (await get("race")).Body?.transformToByteArray();
    for (const bytes of [...(await reading), last]) expect(whole).toContain(sha256(bytes));
  });

  test("has any key", async () => {
    const key = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
      .map((text) => `any/${text.replaceAll("\0", "")}k`)
      // Clients and servers resolve such names in every URL.
      .filter((text) => !text.split("/").some((name) => /^\.{1,2}$/.test(name)));
    await fc.assert(
      fc.asyncProperty(key, async (Key) => {
        await put(Key, Key);
        expect(await text(Key)).toBe(Key);
        const { Contents = [] } = await clients[vendor].send(
          new ListObjectsV2Command({ Bucket, Prefix: Key, EncodingType: "url" }),
        );
        expect(Contents.map((object) => decodeURIComponent(object.Key ?? ""))).toContain(Key);
      }),
      { numRuns: 25 },
    );
  });

  test.each(["a b+c&d=e?f#g", "percent%20%2F", "<xml>\"'&amp;", " spaces ", "line\r\nend\ttab"])(
    "is listed with the key %j as it is",
    async (Key) => {
      await put(Key, "x");
      const { Contents = [] } = await clients[vendor].send(
        new ListObjectsV2Command({ Bucket, Prefix: Key }),
      );
      expect(Contents.map((object) => object.Key)).toEqual([Key]);
      await clients[vendor].send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }),
      );
      expect((await refusalOf(get(Key))).name).toBe("NoSuchKey");
    },
  );

  test("is refused with a key, metadata or headers that are not served", async () => {
    expect((await refusalOf(put("k".repeat(1025), "x"))).name).toBe("KeyTooLongError");
    expect((await refusalOf(put("meta", "x", { Metadata: { a: "x".repeat(2049) } }))).name).toBe(
      "MetadataTooLarge",
    );
    for (const rest of [
      { ServerSideEncryption: "aws:kms" },
      { StorageClass: "GLACIER" },
      { WebsiteRedirectLocation: "/x" },
      { ObjectLockLegalHoldStatus: "ON" },
      { GrantRead: "id=x" },
    ]) {
      expect(await refusalOf(put("unserved", "x", rest))).toEqual({
        name: "NotImplemented",
        status: 501,
      });
    }
  });
});

test("tags are S3's: put with an object or later, and not served by Spaces", async () => {
  const { s3, spaces } = clients;
  await s3.send(
    new PutObjectCommand({ Bucket, Key: "tagged", Body: "x", Tagging: "a=1&b=%C3%A9" }),
  );
  const tags = async () =>
    (await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "tagged" }))).TagSet;
  expect(await tags()).toEqual([
    { Key: "a", Value: "1" },
    { Key: "b", Value: "é" },
  ]);
  const TagSet = [{ Key: "c", Value: "3" }];
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: "tagged", Tagging: { TagSet } }));
  expect(await tags()).toEqual(TagSet);
  expect((await s3.send(new GetObjectCommand({ Bucket, Key: "tagged" }))).TagCount).toBe(1);
  await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: "tagged" }));
  expect(await tags()).toEqual([]);

  const tagged = new PutObjectCommand({ Bucket, Key: "tagged", Body: "x", Tagging: "a=1" });
  expect((await refusalOf(spaces.send(tagged))).name).toBe("NotImplemented");
});

test("the attributes of an object of S3 are told as they are asked for", async () => {
  const { s3 } = clients;
  await s3.send(new PutObjectCommand({ Bucket, Key: "attributes", Body: "12345" }));
  const told = await s3.send(
    new GetObjectAttributesCommand({
      Bucket,
      Key: "attributes",
      ObjectAttributes: ["ObjectSize", "Checksum"],
    }),
  );
  expect(told).toMatchObject({ ObjectSize: 5, Checksum: { ChecksumType: "FULL_OBJECT" } });
  expect(told.ETag).toBeUndefined();
});

function* chunksOf(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
