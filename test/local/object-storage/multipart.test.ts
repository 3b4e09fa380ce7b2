import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fullObjectChecksum } from "../../../local/object-storage/checksum-of-parts.ts";
import { checksumOfHeader } from "../../../local/s3/checksums.ts";
import {
  FULL_ACCESS,
  filesIn,
  refusalOf,
  startObjectStorage,
  type TestObjectStorage,
} from "../../support/object-storage.ts";
import { bytesOf } from "../s3/client.ts";

const PART = 5 * 1024 * 1024;
const Bucket = "multipart";
let storage: TestObjectStorage;
let clients: Record<"s3" | "spaces", S3Client>;

beforeAll(async () => {
  storage = await startObjectStorage();
  clients = {
    s3: storage.client(storage.awsKey("111111111111")),
    spaces: storage.client(storage.spacesKey("team-1", FULL_ACCESS)),
  };
  for (const client of Object.values(clients)) {
    await client.send(new CreateBucketCommand({ Bucket }));
  }
});
afterAll(() => storage.close());

/** The steps of an upload by one client. */
const uploadsBy = (client: () => S3Client) => ({
  begin: async (Key: string, rest: Partial<CreateMultipartUploadCommandInput> = {}) =>
    (await client().send(new CreateMultipartUploadCommand({ Bucket, Key, ...rest }))).UploadId,
  upload: (Key: string, UploadId: string | undefined, PartNumber: number, Body: Uint8Array) =>
    client().send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body })),
  complete: (Key: string, UploadId: string | undefined, Parts: CompletedPart[], rest = {}) =>
    client().send(
      new CompleteMultipartUploadCommand({
        Bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts },
        ...rest,
      }),
    ),
});

describe.each(["s3", "spaces"] as const)("an upload to %s in parts", (vendor) => {
  const { begin, upload, complete } = uploadsBy(() => clients[vendor]);

  test("is one object once it is completed, and nothing before", async () => {
    const Key = "whole é&";
    const bytes = bytesOf(PART + 1000);
    const UploadId = await begin(Key, { ContentType: "text/plain", Metadata: { a: "1" } });
    const halves = [bytes.subarray(0, PART), bytes.subarray(PART)];
    const tags: string[] = [];
    for (const [index, half] of halves.entries()) {
      const { ETag = "" } = await upload(Key, UploadId, index + 1, half);
      tags.push(ETag);
    }
    const get = (rest = {}) => clients[vendor].send(new GetObjectCommand({ Bucket, Key, ...rest }));
    expect((await refusalOf(get())).name).toBe("NoSuchKey");
    const { Parts, IsTruncated } = await clients[vendor].send(
      new ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 1 }),
    );
    expect(Parts).toMatchObject([{ PartNumber: 1, ETag: tags[0], Size: PART }]);
    expect(IsTruncated).toBe(true);
    const { Uploads } = await clients[vendor].send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads).toMatchObject([{ Key, UploadId }]);

    const parts = tags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
    const { ETag, Location } = await complete(Key, UploadId, parts, {
      MpuObjectSize: bytes.length,
    });
    const md5 = createHash("md5");
    for (const half of halves) md5.update(createHash("md5").update(half).digest());
    expect(ETag).toBe(`"${md5.digest("hex")}-2"`);
    expect(Location).toContain(`${storage.url}/${Bucket}/whole`);
    const object = await get();
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
    expect(object).toMatchObject({ ETag, ContentType: "text/plain", Metadata: { a: "1" } });

    const second = await get({ PartNumber: 2 });
    expect(second.PartsCount).toBe(2);
    expect(second.ContentLength).toBe(1000);
    const across = await get({ Range: `bytes=${PART - 5}-${PART + 4}` });
    expect(Buffer.from((await across.Body?.transformToByteArray()) ?? [])).toEqual(
      Buffer.from(bytes.subarray(PART - 5, PART + 5)),
    );
    expect((await refusalOf(complete(Key, UploadId, parts))).name).toBe("NoSuchUpload");
  });

  test("that is aborted leaves nothing", async () => {
    const Key = "aborted";
    const folder = `${storage.dataDir}/objects/${vendor}/data`;
    const before = filesIn(folder);
    const UploadId = await begin(Key);
    await upload(Key, UploadId, 1, bytesOf(1000));
    await upload(Key, UploadId, 1, bytesOf(2000));
    expect(filesIn(folder).length).toBeGreaterThan(before.length);
    await clients[vendor].send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect((await refusalOf(upload(Key, UploadId, 1, bytesOf(1)))).name).toBe("NoSuchUpload");
    await expect.poll(() => filesIn(folder)).toEqual(before);
  });

  test("is refused with parts that are missing, wrong, out of order or too small", async () => {
    const Key = "refused";
    const UploadId = await begin(Key);
    const one = (await upload(Key, UploadId, 1, bytesOf(10))).ETag;
    const two = (await upload(Key, UploadId, 2, bytesOf(20))).ETag;
    for (const [parts, name] of [
      [[{ PartNumber: 3, ETag: one }], "InvalidPart"],
      [[{ PartNumber: 1, ETag: two }], "InvalidPart"],
      [
        [
          { PartNumber: 2, ETag: two },
          { PartNumber: 1, ETag: one },
        ],
        "InvalidPartOrder",
      ],
      [
        [
          { PartNumber: 1, ETag: one },
          { PartNumber: 2, ETag: two },
        ],
        "EntityTooSmall",
      ],
    ] as const) {
      expect((await refusalOf(complete(Key, UploadId, [...parts]))).name).toBe(name);
    }
    expect((await refusalOf(upload(Key, UploadId, 10_001, bytesOf(1)))).name).toBe(
      "InvalidArgument",
    );
    expect((await refusalOf(upload("another-key", UploadId, 1, bytesOf(1)))).name).toBe(
      "NoSuchUpload",
    );
    await complete(Key, UploadId, [{ PartNumber: 2, ETag: two }]);
    const head = await clients[vendor].send(new HeadObjectCommand({ Bucket, Key }));
    expect(head.ContentLength).toBe(20);
  });

  test("may take a part from another object", async () => {
    const bytes = bytesOf(1000);
    await clients[vendor].send(new PutObjectCommand({ Bucket, Key: "source", Body: bytes }));
    const Key = "from-source";
    const UploadId = await begin(Key);
    const { CopyPartResult } = await clients[vendor].send(
      new UploadPartCopyCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber: 1,
        CopySource: `${Bucket}/source`,
        CopySourceRange: "bytes=100-199",
      }),
    );
    await complete(Key, UploadId, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
    const object = await clients[vendor].send(new GetObjectCommand({ Bucket, Key }));
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? [])).toEqual(
      Buffer.from(bytes.subarray(100, 200)),
    );
  });
});

test.each([
  ["CRC32", "FULL_OBJECT"],
  ["CRC32", "COMPOSITE"],
  ["CRC32C", "FULL_OBJECT"],
  ["CRC64NVME", "FULL_OBJECT"],
  ["SHA256", "COMPOSITE"],
] as const)(
  "an upload to S3 in parts has a %s checksum of the type %s",
  async (ChecksumAlgorithm, ChecksumType) => {
    const Key = `checksum/${ChecksumAlgorithm}/${ChecksumType}`;
    const { begin, complete } = uploadsBy(() => clients.s3);
    const name = `Checksum${ChecksumAlgorithm}` as const;
    const UploadId = await begin(Key, { ChecksumAlgorithm, ChecksumType });
    const bytes = bytesOf(PART + 77);
    const parts: CompletedPart[] = [];
    for (const [index, Body] of [bytes.subarray(0, PART), bytes.subarray(PART)].entries()) {
      const PartNumber = index + 1;
      const part = await clients.s3.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm }),
      );
      parts.push({ PartNumber, ETag: part.ETag, [name]: part[name] });
    }
    const wrong = { [name]: ChecksumAlgorithm === "CRC64NVME" ? "AAAAAAAAAAA=" : "AAAAAA==" };
    expect((await refusalOf(complete(Key, UploadId, parts, wrong))).name).toBe("BadDigest");
    const completed = await complete(Key, UploadId, parts);
    expect(completed.ChecksumType).toBe(ChecksumType);
    const object = await clients.s3.send(
      new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }),
    );
    expect(object[name]).toBe(completed[name]);
    // The client verifies a checksum of all bytes while it reads.
    expect((await object.Body?.transformToByteArray())?.length).toBe(bytes.length);
    if (ChecksumType === "COMPOSITE") expect(object[name]).toMatch(/-2$/);
  },
);
test("uploads are listed in pages, of which each continues the one before", async () => {
  const Bucket = "many-uploads";
  const { s3 } = clients;
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of ["a", "a", "a", "b/1", "b/2", "c"]) {
    await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  }
  const list = async (MaxUploads: number, Delimiter?: string) => {
    const told: string[] = [];
    let KeyMarker: string | undefined;
    let UploadIdMarker: string | undefined;
    for (;;) {
      const page = await s3.send(
        new ListMultipartUploadsCommand({
          Bucket,
          MaxUploads,
          Delimiter,
          KeyMarker,
          UploadIdMarker,
        }),
      );
      told.push(...(page.Uploads ?? []).map(({ Key, UploadId }) => `${Key} ${UploadId}`));
      told.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => String(Prefix)));
      if (page.IsTruncated !== true) return told;
      KeyMarker = page.NextKeyMarker;
      UploadIdMarker = page.NextUploadIdMarker;
    }
  };
  const all = await list(1000);
  expect(all).toHaveLength(6);
  for (const size of [1, 2, 4]) expect(await list(size)).toEqual(all);
  const rolledUp = await list(1000, "/");
  expect(rolledUp).toHaveLength(5);
  expect((await list(1, "/")).sort()).toEqual(rolledUp.sort());
});

test.each(["crc32", "crc32c", "crc64nvme"])(
  "the %s checksum of any bytes is made of those of any parts of them",
  async (algorithm) => {
    const header = `x-amz-checksum-${algorithm}`;
    const sum = async (bytes: Uint8Array) => {
      const checksum = checksumOfHeader(header);
      checksum?.update(bytes);
      return Buffer.from((await checksum?.digest()) ?? []).toString("base64");
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 50 }), { minLength: 1 }),
        async (parts) => {
          const sums = await Promise.all(
            parts.map(async (part) => ({ value: await sum(part), size: part.length })),
          );
          expect(fullObjectChecksum(header, sums)).toBe(await sum(Buffer.concat(parts)));
        },
      ),
    );
  },
);
