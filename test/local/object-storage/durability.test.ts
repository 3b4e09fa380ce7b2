import { createHash } from "node:crypto";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { specifier, startModule } from "../../support/node-process.ts";
import { filesIn, refusalOf, startObjectStorage } from "../../support/object-storage.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** A body that begins with so many bytes and then never goes on. */
const stalling = (bytes: number): Readable =>
  Readable.from(
    (async function* () {
      yield new Uint8Array(bytes);
      await new Promise(() => {});
    })(),
  );

const Bucket = "durable";
const MIB = 1024 * 1024;

test("a server killed in the middle of an upload keeps the old content, and nothing of the new", async () => {
  const dataDir = temporaryFolder();
  const first = await startObjectStorage(dataDir);
  const key = first.awsKey("111111111111");
  await first.client(key).send(new CreateBucketCommand({ Bucket }));
  await first.client(key).send(new PutObjectCommand({ Bucket, Key: "k", Body: "old" }));
  await first.stop();

  const server = startModule(`
    import { startObjectStorage } from ${specifier("test/support/object-storage.ts")};
    console.log((await startObjectStorage(${JSON.stringify(dataDir)})).url);
  `);
  const url = await new Promise<string>((resolve) =>
    server.stdout?.once("data", (line) => resolve(String(line).trim())),
  );
  // The upload stands still in the middle: its other half never comes.
  const folder = join(dataDir, "objects", "s3", "data");
  const body = stalling(4 * MIB);
  const client = first.client(key, { endpoint: url });
  const upload = client
    .send(new PutObjectCommand({ Bucket, Key: "k", Body: body, ContentLength: 8 * MIB }))
    .then(
      () => "stored",
      () => "cut off",
    );
  await expect.poll(() => filesIn(folder).length, { timeout: 10_000 }).toBe(2);
  server.kill("SIGKILL");
  expect(await upload).toBe("cut off");

  const again = await startObjectStorage(dataDir);
  onTestFinished(() => again.stop());
  const s3 = again.client(key);
  const object = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
  expect(await object.Body?.transformToString()).toBe("old");
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
  expect(Contents).toMatchObject([{ Key: "k", Size: 3 }]);
  expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined();
  expect(filesIn(folder)).toHaveLength(1);
  expect(again.logLines.join()).toContain("deleted 1 files");
});

test("what was acknowledged is there after a kill, with its bytes", async () => {
  const dataDir = temporaryFolder();
  const first = await startObjectStorage(dataDir);
  const key = first.awsKey("111111111111");
  await first.client(key).send(new CreateBucketCommand({ Bucket }));
  await first.stop();
  const server = startModule(`
    import { startObjectStorage } from ${specifier("test/support/object-storage.ts")};
    console.log((await startObjectStorage(${JSON.stringify(dataDir)})).url);
  `);
  const url = await new Promise<string>((resolve) =>
    server.stdout?.once("data", (line) => resolve(String(line).trim())),
  );
  const client = first.client(key, { endpoint: url });
  const acknowledged: string[] = [];
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let number = 0; ; number++) {
      const Key = `${writer}/${number}`;
      await client.send(new PutObjectCommand({ Bucket, Key, Body: Key.repeat(1000) }));
      acknowledged.push(Key);
    }
  });
  await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(20);
  server.kill("SIGKILL");
  await Promise.allSettled(writers);

  const again = await startObjectStorage(dataDir);
  onTestFinished(() => again.stop());
  const s3 = again.client(key);
  for (const Key of acknowledged) {
    const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const md5 = createHash("md5").update(Key.repeat(1000)).digest("hex");
    expect(object.ETag).toBe(`"${md5}"`);
    expect(await object.Body?.transformToString()).toBe(Key.repeat(1000));
  }
  // At most one upload of each writer was stored without being acknowledged.
  const stored = again.s3.inventory("111111111111").objects;
  expect(stored - acknowledged.length).toBeGreaterThanOrEqual(0);
  expect(stored - acknowledged.length).toBeLessThanOrEqual(4);
  expect(filesIn(join(dataDir, "objects", "s3", "data"))).toHaveLength(stored);
});

test("a disk that cannot be written is told and logged, and nothing changes", async () => {
  const storage = await startObjectStorage();
  onTestFinished(() => storage.close());
  const s3 = storage.client(storage.awsKey("111111111111"));
  const put = (Body: string) => s3.send(new PutObjectCommand({ Bucket, Key: "k", Body }));
  await s3.send(new CreateBucketCommand({ Bucket }));
  await put("old");
  const folder = join(storage.dataDir, "objects", "s3", "data");
  renameSync(folder, `${folder}-away`);
  expect(await refusalOf(put("new"))).toEqual({ name: "InternalError", status: 500 });
  expect(storage.logLines.join()).toMatch(/s3 PUT \/durable\/k failed: Error: ENOENT/);
  renameSync(`${folder}-away`, folder);
  const object = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
  expect(await object.Body?.transformToString()).toBe("old");
  await put("new");
});

test("a client that goes away in the middle of an upload leaves nothing", async () => {
  const storage = await startObjectStorage();
  onTestFinished(() => storage.close());
  const s3 = storage.client(storage.awsKey("111111111111"));
  await s3.send(new CreateBucketCommand({ Bucket }));
  const folder = join(storage.dataDir, "objects", "s3", "data");
  const body = stalling(MIB);
  const leaving = new AbortController();
  const upload = s3
    .send(new PutObjectCommand({ Bucket, Key: "k", Body: body, ContentLength: 2 * MIB }), {
      abortSignal: leaving.signal,
    })
    .catch(() => undefined);
  await expect.poll(() => filesIn(folder).length).toBe(1);
  leaving.abort();
  await upload;
  await expect.poll(() => filesIn(folder)).toEqual([]);
  expect(storage.s3.inventory("111111111111").objects).toBe(0);
  expect(storage.logLines).toEqual([]);
});

test("an object is read to its end though it is replaced or deleted meanwhile", async () => {
  const storage = await startObjectStorage();
  onTestFinished(() => storage.close());
  const s3 = storage.client(storage.awsKey("111111111111"));
  await s3.send(new CreateBucketCommand({ Bucket }));
  const old = Buffer.alloc(8 * MIB, 1);
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: old }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "new" }));
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(old)).toBe(true);
  const folder = join(storage.dataDir, "objects", "s3", "data");
  await expect.poll(() => filesIn(folder).length).toBe(1);
});
