import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  FULL_ACCESS,
  refusalOf,
  startObjectStorage,
  type TestObjectStorage,
} from "../../support/object-storage.ts";

let storage: TestObjectStorage;
let clients: Record<"s3" | "spaces", S3Client>;

beforeAll(async () => {
  storage = await startObjectStorage();
  clients = {
    s3: storage.client(storage.awsKey("111111111111")),
    spaces: storage.client(storage.spacesKey("team-1", FULL_ACCESS)),
  };
});
afterAll(() => storage.close());

describe.each(["s3", "spaces"] as const)("versions of %s", (vendor) => {
  const Key = "key";
  let made = 0;
  const bucketWith = async (Status?: "Enabled" | "Suspended") => {
    const Bucket = `versions-${made++}`;
    await clients[vendor].send(new CreateBucketCommand({ Bucket }));
    if (Status !== undefined) await version(Bucket, Status);
    return Bucket;
  };
  const version = (Bucket: string, Status: "Enabled" | "Suspended") =>
    clients[vendor].send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }),
    );
  const put = async (Bucket: string, Body: string) =>
    (await clients[vendor].send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;
  const read = async (Bucket: string, VersionId?: string) =>
    (
      await clients[vendor].send(new GetObjectCommand({ Bucket, Key, VersionId }))
    ).Body?.transformToString();
  const remove = (Bucket: string, VersionId?: string) =>
    clients[vendor].send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  const list = async (Bucket: string) => {
    const { Versions = [], DeleteMarkers = [] } = await clients[vendor].send(
      new ListObjectVersionsCommand({ Bucket }),
    );
    return {
      versions: Versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
      markers: DeleteMarkers.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
    };
  };

  test("without versioning there is one, without an id", async () => {
    const Bucket = await bucketWith();
    expect(await put(Bucket, "a")).toBeUndefined();
    await put(Bucket, "b");
    expect(await list(Bucket)).toEqual({ versions: [["null", true]], markers: [] });
    expect(await read(Bucket, "null")).toBe("b");
    expect((await remove(Bucket)).DeleteMarker).toBeUndefined();
    expect(await list(Bucket)).toEqual({ versions: [], markers: [] });
  });

  test("each put keeps those before it, and a deletion only hides them", async () => {
    const Bucket = await bucketWith("Enabled");
    const [first, second] = [await put(Bucket, "1"), await put(Bucket, "2")];
    expect(await read(Bucket)).toBe("2");
    expect(await read(Bucket, first)).toBe("1");
    expect(await list(Bucket)).toEqual({
      versions: [
        [second, true],
        [first, false],
      ],
      markers: [],
    });
    const { DeleteMarker, VersionId: marker } = await remove(Bucket);
    expect(DeleteMarker).toBe(true);
    expect((await refusalOf(read(Bucket))).name).toBe("NoSuchKey");
    const head = clients[vendor].send(new HeadObjectCommand({ Bucket, Key, VersionId: marker }));
    expect((await refusalOf(head)).status).toBe(405);
    expect((await refusalOf(read(Bucket, marker))).name).toBe("MethodNotAllowed");
    expect(await read(Bucket, second)).toBe("2");
    const { Contents } = await clients[vendor].send(new ListObjectsV2Command({ Bucket }));
    expect(Contents).toBeUndefined();
    expect((await refusalOf(clients[vendor].send(new DeleteBucketCommand({ Bucket })))).name).toBe(
      "BucketNotEmpty",
    );

    // Without the marker the object is back, and without its newest version the one before it.
    expect((await remove(Bucket, marker)).DeleteMarker).toBe(true);
    expect(await read(Bucket)).toBe("2");
    await remove(Bucket, second);
    expect(await read(Bucket)).toBe("1");
    expect((await refusalOf(read(Bucket, second))).name).toBe("NoSuchVersion");
    expect((await refusalOf(read(Bucket, "no-version"))).name).toBe("InvalidArgument");
  });

  test("while versioning is suspended there is one more, which each put replaces", async () => {
    const Bucket = await bucketWith();
    await put(Bucket, "before");
    await version(Bucket, "Enabled");
    const kept = await put(Bucket, "kept");
    expect(await read(Bucket, "null")).toBe("before");
    await version(Bucket, "Suspended");
    expect(await put(Bucket, "after")).toBe("null");
    await put(Bucket, "last");
    expect(await read(Bucket)).toBe("last");
    expect(await list(Bucket)).toEqual({
      versions: [
        ["null", true],
        [kept, false],
      ],
      markers: [],
    });
    expect((await remove(Bucket)).VersionId).toBe("null");
    expect(await list(Bucket)).toEqual({ versions: [[kept, false]], markers: [["null", true]] });
  });

  test("an older one is copied to become the latest", async () => {
    const Bucket = await bucketWith("Enabled");
    const first = await put(Bucket, "1");
    await put(Bucket, "2");
    const CopySource = `${Bucket}/${Key}?versionId=${first}`;
    const copied = await clients[vendor].send(new CopyObjectCommand({ Bucket, Key, CopySource }));
    expect(copied.CopySourceVersionId).toBe(first);
    expect(await read(Bucket)).toBe("1");
    expect((await list(Bucket)).versions).toHaveLength(3);
  });

  test("are deleted for good, many at once, and the bucket then", async () => {
    const Bucket = await bucketWith("Enabled");
    for (const body of ["1", "2", "3"]) await put(Bucket, body);
    await remove(Bucket);
    const { versions, markers } = await list(Bucket);
    const Objects = [...versions, ...markers].map(([VersionId]) => ({
      Key,
      VersionId: String(VersionId),
    }));
    expect(Objects).toHaveLength(4);
    const { Deleted } = await clients[vendor].send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
    );
    expect(Deleted).toHaveLength(4);
    await clients[vendor].send(new DeleteBucketCommand({ Bucket }));
  });
});
