import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  afterPrefix,
  FROM_START,
  type Listing,
  listPage,
} from "../../../local/object-storage/listing.ts";
import { ObjectIndex, type Start } from "../../../local/object-storage/object-index.ts";
import type { ListedVersion } from "../../../local/object-storage/object-records.ts";
import type { TestObjectStorage } from "../../support/object-storage.ts";
import { refusalOf, startObjectStorage } from "../../support/object-storage.ts";
import { processorTime } from "../../support/processor-time.ts";

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

function indexWith(keys: readonly string[]): ObjectIndex {
  const index = new ObjectIndex(":memory:");
  onTestFinished(() => index.close());
  for (const key of keys) {
    index.put({
      bucket: "b",
      key,
      version: "null",
      isMarker: false,
      modified: 0,
      size: 0,
      etag: "",
      content: { segments: [], headers: {}, acl: "private", tags: [] },
    });
  }
  return index;
}

/** Everything that a listing tells, page by page. */
function listed(index: ObjectIndex, prefix: string, delimiter: string, limit: number) {
  const items: string[] = [];
  const prefixes: string[] = [];
  let start: Start | undefined = FROM_START;
  while (start !== undefined) {
    const source = (from: Start) => index.listLatest("b", from);
    const page: Listing<ListedVersion> = listPage({ prefix, delimiter, limit, start, source });
    expect(page.items.length + page.prefixes.length).toBeLessThanOrEqual(limit);
    items.push(...page.items.map(({ key }) => key));
    prefixes.push(...page.prefixes);
    if (page.next === undefined) break;
    start =
      "item" in page.next
        ? { key: page.next.item.key, isInclusive: false }
        : afterPrefix(page.next.prefix);
  }
  return { items, prefixes };
}

/** The same by its definition. */
function expected(keys: readonly string[], prefix: string, delimiter: string) {
  const items: string[] = [];
  const prefixes = new Set<string>();
  for (const key of [...new Set(keys)].sort(byBytes)) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) items.push(key);
    else prefixes.add(key.slice(0, end + delimiter.length));
  }
  return { items, prefixes: [...prefixes] };
}

test("pages of any size hold together what one page would, in the order of UTF-8", () => {
  const key = fc.string({
    unit: fc.constantFrom("a", "b", "/", "é", "\uffee", "\u{1f600}", "\u{10ffff}"),
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 25 }),
      fc.constantFrom("", "a", "a/", "é", "\u{1f600}"),
      fc.constantFrom("", "/", "ab", "\u{10ffff}"),
      fc.integer({ min: 1, max: 30 }),
      (keys, prefix, delimiter, limit) => {
        const index = indexWith(keys);
        expect(listed(index, prefix, delimiter, limit)).toEqual(expected(keys, prefix, delimiter));
      },
    ),
  );
});

test("the place after all keys with a prefix is after each of them and before all others", () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(text, fc.string({ unit: "binary", maxLength: 4 }), text, (prefix, rest, other) => {
      const after = afterPrefix(prefix);
      if (after === undefined) return;
      expect(byBytes(prefix + rest, after.key)).toBeLessThan(0);
      const isBetween = byBytes(other, prefix) > 0 && byBytes(other, after.key) < 0;
      expect(isBetween).toBe(other.startsWith(prefix) && other !== prefix);
    }),
  );
});

test("a page of a bucket with 20,000 objects takes milliseconds, wherever it begins", () => {
  const names = Array.from({ length: 20_000 }, (_, number) => `${number % 20}/${number}`);
  const index = indexWith(names);
  const timeOf = (start: Start, delimiter: string) =>
    processorTime(() => {
      const source = (from: Start) => index.listLatest("b", from);
      const { items, prefixes } = listPage({ prefix: "", delimiter, limit: 1000, start, source });
      expect(items.length + prefixes.length).toBe(delimiter === "" ? 1000 : 20);
    });
  const times = [
    timeOf(FROM_START, ""),
    timeOf({ key: "5/", isInclusive: false }, ""),
    timeOf(FROM_START, "/"),
  ];
  expect(Math.max(...times)).toBeLessThan(500);
});

describe("listings by the client", () => {
  const Bucket = "listing";
  let storage: TestObjectStorage;
  let s3: S3Client;
  const keys = ["a", "b/1", "b/2", "b/c/3", "d e+f", "g/"];

  beforeAll(async () => {
    storage = await startObjectStorage();
    s3 = storage.client(storage.awsKey("111111111111"));
    await s3.send(new CreateBucketCommand({ Bucket }));
    for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  });
  afterAll(() => storage.close());

  test("roll up what goes on after the delimiter", async () => {
    const list = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: "/" }));
    expect(list.Contents?.map(({ Key }) => Key)).toEqual(["a", "d e+f"]);
    expect(list.CommonPrefixes).toEqual([{ Prefix: "b/" }, { Prefix: "g/" }]);
    expect(list.KeyCount).toBe(4);
    const below = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: "/", Prefix: "b/" }));
    expect(below.Contents?.map(({ Key }) => Key)).toEqual(["b/1", "b/2"]);
    expect(below.CommonPrefixes).toEqual([{ Prefix: "b/c/" }]);
    expect(below.Contents?.[0]).toMatchObject({ Size: 3, StorageClass: "STANDARD" });
  });

  test("are told in pages by both versions of the operation", async () => {
    const second: (string | undefined)[] = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket })) {
      second.push(...(page.Contents ?? []).map(({ Key }) => Key));
    }
    expect(second).toEqual(keys);

    const first: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsCommand({ Bucket, MaxKeys: 1, Delimiter: "/", Marker }),
      );
      first.push(...(page.Contents ?? []).map(({ Key }) => Key));
      first.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      Marker = page.IsTruncated === true ? page.NextMarker : undefined;
    } while (Marker !== undefined);
    expect(first).toEqual(["a", "b/", "d e+f", "g/"]);
  });

  test("begin after a key, with owners and encoded keys where they are asked for", async () => {
    const list = await s3.send(
      new ListObjectsV2Command({
        Bucket,
        StartAfter: "b/c/3",
        EncodingType: "url",
        FetchOwner: true,
      }),
    );
    expect(list.Contents?.map(({ Key }) => Key)).toEqual(["d%20e%2Bf", "g/"]);
    expect(list.Contents?.[0]?.Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
    const none = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
    expect([none.KeyCount, none.IsTruncated]).toEqual([0, false]);
    const wrong = new ListObjectsV2Command({ Bucket, ContinuationToken: "!" });
    expect((await refusalOf(s3.send(wrong))).name).toBe("InvalidArgument");
  });

  test("of versions are told in pages", async () => {
    const told: (string | undefined)[] = [];
    let KeyMarker: string | undefined;
    let VersionIdMarker: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, KeyMarker, VersionIdMarker }),
      );
      told.push(...(page.Versions ?? []).map(({ Key }) => Key));
      KeyMarker = page.NextKeyMarker;
      VersionIdMarker = page.NextVersionIdMarker;
    } while (KeyMarker !== undefined);
    expect(told).toEqual(keys);
  });
});
