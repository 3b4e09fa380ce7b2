import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { Blobs } from "../../../local/object-storage/blobs.ts";
import { Buckets } from "../../../local/object-storage/buckets.ts";
import { DIALECTS } from "../../../local/object-storage/dialect.ts";
import {
  type AgingVersion,
  dueAt,
  type LifecycleRule,
  lifecycleActions,
} from "../../../local/object-storage/lifecycle.ts";
import { sweepLifecycles } from "../../../local/object-storage/lifecycle-sweep.ts";
import { FROM_START } from "../../../local/object-storage/listing.ts";
import { ObjectIndex } from "../../../local/object-storage/object-index.ts";
import type { Storage } from "../../../local/object-storage/operation.ts";
import type { BucketSettings } from "../../../local/object-storage/settings.ts";
import { deleteVersion, putVersion } from "../../../local/object-storage/versions.ts";
import { openDocumentStore } from "../../../local/store/document-store.ts";
import { filesIn } from "../../support/object-storage.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const DAY = 24 * 60 * 60 * 1000;
const enabled = { Status: "Enabled", Filter: {} } as const;
const aging = (modified: number, rest: Partial<AgingVersion> = {}): AgingVersion => ({
  version: String(modified),
  modified,
  isMarker: false,
  size: 10,
  tags: [],
  ...rest,
});

test("an object expires at the midnight after its days, and never before", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000 * DAY }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: -5 * DAY, max: 405 * DAY }),
      (modified, Days, later) => {
        const now = modified + later;
        const { expire } = lifecycleActions(
          [{ ...enabled, Expiration: { Days } }],
          "key",
          [aging(modified)],
          now,
        );
        if (later < Days * DAY) expect(expire).toBe(false);
        if (later >= (Days + 1) * DAY) expect(expire).toBe(true);
        expect(dueAt(modified, Days) % DAY).toBe(0);
      },
    ),
  );
});

test("a rule is for the keys, tags and sizes that its filter names, and only while it is enabled", () => {
  const version = aging(0, { size: 100, tags: [{ Key: "a", Value: "1" }] });
  const expires = (rule: Partial<LifecycleRule>, key = "logs/x") =>
    lifecycleActions([{ ...enabled, Expiration: { Days: 1 }, ...rule }], key, [version], 9 * DAY)
      .expire;
  const tag = { Key: "a", Value: "1" };
  expect(expires({})).toBe(true);
  expect(expires({ Status: "Disabled" })).toBe(false);
  expect(expires({ Filter: { Prefix: "logs/" } })).toBe(true);
  expect(expires({ Filter: { Prefix: "logs/" } }, "other")).toBe(false);
  expect(expires({ Filter: { Tag: tag } })).toBe(true);
  expect(expires({ Filter: { Tag: { ...tag, Value: "2" } } })).toBe(false);
  expect(expires({ Filter: { ObjectSizeGreaterThan: 99 } })).toBe(true);
  expect(expires({ Filter: { ObjectSizeGreaterThan: 100 } })).toBe(false);
  expect(expires({ Filter: { ObjectSizeLessThan: 100 } })).toBe(false);
  expect(expires({ Filter: { And: { Prefix: "logs/", Tag: [tag] } } })).toBe(true);
  expect(expires({ Filter: { And: { Prefix: "x", Tag: [tag] } } })).toBe(false);
  expect(expires({ Expiration: { Date: "1970-01-11" } })).toBe(false);
  expect(expires({ Expiration: { Date: "1970-01-10T00:00:00Z" } })).toBe(true);
});

test("versions that are not current go after their days, but for the newest that are to stay", () => {
  const versions = [aging(50 * DAY), aging(40 * DAY), aging(30 * DAY), aging(20 * DAY)];
  const removed = (NoncurrentDays: number, NewerNoncurrentVersions?: number) =>
    lifecycleActions(
      [
        {
          ...enabled,
          NoncurrentVersionExpiration: {
            NoncurrentDays,
            ...(NewerNoncurrentVersions === undefined ? {} : { NewerNoncurrentVersions }),
          },
        },
      ],
      "key",
      versions,
      52 * DAY,
    ).remove;
  const [, second, third, fourth] = versions.map(({ version }) => version);
  expect(removed(1)).toEqual([second, third, fourth]);
  expect(removed(11)).toEqual([third, fourth]);
  expect(removed(1, 2)).toEqual([fourth]);
  expect(removed(100)).toEqual([]);
});

test("a delete marker that hides nothing any more goes", () => {
  const marker = aging(0, { isMarker: true });
  const rules = [{ ...enabled, Expiration: { ExpiredObjectDeleteMarker: true } }];
  expect(lifecycleActions(rules, "key", [marker], DAY).remove).toEqual([marker.version]);
  expect(lifecycleActions(rules, "key", [marker, aging(0)], DAY).remove).toEqual([]);
});

test("a sweep deletes objects, versions and uploads that are due, with their files, and nothing else", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "data"));
  const store = openDocumentStore(join(folder, "store.sqlite"));
  const index = new ObjectIndex(join(folder, "index.sqlite"));
  onTestFinished(() => {
    index.close();
    store.close();
  });
  const dialect = DIALECTS.aws;
  const buckets = new Buckets(store, dialect);
  const blobs = new Blobs(join(folder, "data"), () => {});
  const storage: Storage = { dialect, buckets, index, blobs };
  const newBucket = (name: string, settings: Partial<BucketSettings>) =>
    buckets.create(name, {
      accountId: "1",
      region: "us-east-1",
      settings: { acl: "private", ...settings },
    });
  const plain = newBucket("plain", {
    lifecycle: [
      { ...enabled, Filter: { Prefix: "tmp/" }, Expiration: { Days: 3 } },
      { ...enabled, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } },
    ],
  });
  const versioned = newBucket("versioned", {
    versioning: "Enabled",
    lifecycle: [
      { ...enabled, Expiration: { Days: 3 }, NoncurrentVersionExpiration: { NoncurrentDays: 3 } },
    ],
  });
  const without = newBucket("without", {});
  const put = (bucket: typeof plain, key: string) =>
    blobs.draft(async ({ receive }) => {
      const { segments, size, md5 } = await receive(new Response(key).body);
      const content = { segments, headers: {}, acl: "private", tags: [] } as const;
      putVersion(storage, bucket, { key, size, etag: md5, content }, new Headers());
    });
  for (let number = 0; number < 210; number++) await put(plain, `tmp/${number}`);
  await put(plain, "keep");
  await put(versioned, "key");
  await put(without, "tmp/keep");
  deleteVersion(storage, versioned, "key");
  await put(versioned, "key");
  const facts = { headers: {}, acl: "private", tags: [] } as const;
  index.createUpload({ id: "u", bucket: plain.id, key: "k", initiated: Date.now(), facts });

  const keys = (bucket: typeof plain) =>
    [...index.listVersions(bucket.id, FROM_START)].map(({ key, isMarker }) =>
      isMarker ? `marker of ${key}` : key,
    );
  await sweepLifecycles(storage, Date.now() + DAY);
  expect(keys(plain)).toHaveLength(211);
  expect(index.upload("u")).toBeDefined();

  await sweepLifecycles(storage, Date.now() + 5 * DAY);
  expect(keys(plain)).toEqual(["keep"]);
  expect(keys(without)).toEqual(["tmp/keep"]);
  expect(index.upload("u")).toBeUndefined();
  // The current version is hidden by a marker now; those before it are gone.
  expect(keys(versioned)).toEqual(["marker of key", "key"]);
  await expect.poll(() => filesIn(join(folder, "data")).length).toBe(3);
});
