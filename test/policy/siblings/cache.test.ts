import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CacheKey, StackCache } from "../../../policy/siblings/cache.ts";
import { concurrently } from "../../../policy/siblings/concurrently.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const KEY: CacheKey = {
  backendUrl: "s3://bucket?secret=abc",
  reference: "organization/shop/dev",
  stamp: "1",
};

const newCache = (folder = join(temporaryFolder(), "siblings")) => ({
  folder,
  cache: new StackCache<{ small: string }, { large: string }>(folder),
  only: () => join(folder, readdirSync(folder)[0] ?? ""),
});

test("what was written is read back for the same moment of the same stack of the same backend", async () => {
  const { cache } = newCache();
  await cache.write(KEY, { small: "a\nb" }, { large: "c\nd" });
  const cached = await cache.read(KEY);
  expect(cached?.small).toEqual({ small: "a\nb" });
  expect(cached?.large()).toEqual({ large: "c\nd" });
  for (const other of [{ stamp: "2" }, { reference: "organization/shop/pr" }, { backendUrl: "x" }])
    expect(await cache.read({ ...KEY, ...other })).toBeUndefined();
});

test("a later moment replaces the earlier one, so that a stack has one file", async () => {
  const { cache, folder } = newCache();
  await cache.write(KEY, { small: "old" }, { large: "" });
  await cache.write({ ...KEY, stamp: "2" }, { small: "new" }, { large: "" });
  expect(readdirSync(folder)).toHaveLength(1);
  expect((await cache.read({ ...KEY, stamp: "2" }))?.small).toEqual({ small: "new" });
});

test("files and folder are their owner's alone, and name no credential of the backend's URL", async () => {
  const { cache, folder, only } = newCache();
  await cache.write(KEY, { small: "" }, { large: "" });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(only()).mode & 0o777).toBe(0o600);
  expect(readFileSync(only(), "utf8")).not.toContain("abc");
});

test("a file that is damaged anywhere, or cut off, counts as missing", async () => {
  const { cache, only } = newCache();
  await cache.write(KEY, { small: "s" }, { large: "l" });
  const whole = readFileSync(only());
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (at, change, cut) => {
        const damaged = Buffer.from(cut ? whole.subarray(0, at) : whole);
        if (!cut) damaged[at] = (damaged[at] ?? 0) ^ change;
        writeFileSync(only(), damaged);
        expect(await cache.read(KEY)).toBeUndefined();
      },
    ),
  );
  writeFileSync(only(), whole);
  expect(await cache.read(KEY)).toBeDefined();
});

test("a folder that cannot be made costs nothing but time", async () => {
  const parent = temporaryFolder();
  writeFileSync(join(parent, "file"), "");
  const { cache } = newCache(join(parent, "file", "siblings"));
  await cache.write(KEY, { small: "" }, { large: "" });
  expect(await cache.read(KEY)).toBeUndefined();
});

test("files of stacks that have long been gone are removed, unfinished ones too", async () => {
  const { cache, folder, only } = newCache();
  await cache.write(KEY, { small: "" }, { large: "" });
  const month = 31 * 24 * 3600;
  const old = Date.now() / 1000 - month;
  utimesSync(only(), old, old);
  writeFileSync(join(folder, "young.tmp"), "");
  writeFileSync(join(folder, "old.tmp"), "");
  utimesSync(join(folder, "old.tmp"), old, old);
  await cache.write({ ...KEY, reference: "organization/shop/pr" }, { small: "" }, { large: "" });
  expect(readdirSync(folder)).toHaveLength(2);
  expect(readdirSync(folder)).toContain("young.tmp");
  expect(await cache.read(KEY)).toBeUndefined();
});

test("writers at the same time leave one whole file and nothing unfinished", async () => {
  const { cache, folder } = newCache();
  await Promise.all(
    Array.from({ length: 8 }, () => cache.write(KEY, { small: "" }, { large: "" })),
  );
  expect(readdirSync(folder)).toHaveLength(1);
  expect(await cache.read(KEY)).toBeDefined();
});

test("a list is worked on in its order, with no more than the limit at once", async () => {
  let running = 0;
  let most = 0;
  const results = await concurrently([5, 1, 4, 2, 3, 0], 3, async (milliseconds) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    running -= 1;
    return milliseconds * 2;
  });
  expect(results).toEqual([10, 2, 8, 4, 6, 0]);
  expect(most).toBe(3);
  await expect(concurrently([1], 2, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
});
