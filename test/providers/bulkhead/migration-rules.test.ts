import { expect, test } from "vitest";
import {
  changedSince,
  checkMigrations,
  pendingOf,
} from "../../../providers/bulkhead/migration-rules.ts";
import { applyAndRecord } from "../../../providers/bulkhead/migration-sql.ts";

const set = (files: Record<string, string>, databaseId = "db") => ({
  databaseId,
  files: Object.entries(files).map(([name, sha256]) => ({ name, sha256 })),
});
const reasons = (...sets: Parameters<typeof checkMigrations>) =>
  checkMigrations(...sets).map((each) => each.reason);

test("a new file is welcome, one that changed or vanished after it was applied is refused (T23)", () => {
  const before = set({ "0001_a.sql": "1", "0002_b.sql": "2" });
  expect(reasons(set({ "0001_a.sql": "1", "0002_b.sql": "2", "0003_c.sql": "3" }), before)).toEqual(
    [],
  );
  expect(reasons(set({ "0001_a.sql": "9" }), before)).toEqual([
    "0001_a.sql was changed after it had been applied. Restore the file, and put the change into a new migration.",
    "0002_b.sql was applied and is missing now. Restore the file; to undo it, add a new migration that does.",
  ]);
});

test("another database starts from nothing", () => {
  expect(reasons(set({ "0001_a.sql": "9" }, "new"), set({ "0001_a.sql": "1" }))).toEqual([]);
});

test("names that are no migration and names used twice are refused", () => {
  const twice = {
    databaseId: "db",
    files: [...set({ "a.sql": "1" }).files, ...set({ "a.sql": "1" }).files],
  };
  expect(reasons(twice, undefined)[0]).toContain("a.sql is listed twice");
  expect(reasons(set({ "../a.sql": "1" }), undefined)[0]).toContain(
    "is not the name of a migration",
  );
});

test("pending files keep the declared order, whatever was recorded", () => {
  const files = [{ name: "0003_b.sql" }, { name: "0003_a.sql" }, { name: "0004.sql" }];
  expect(pendingOf(files, ["0003_a.sql", "by-hand.sql"])).toEqual([files[0], files[2]]);
});

test("a file that the database knows by another checksum is refused, one without a checksum is not (T23)", () => {
  const { files } = set({ "0001_a.sql": "1", "0002_b.sql": "2" });
  expect(changedSince(files, ["0001_a.sql"], new Map())).toBeUndefined();
  expect(changedSince(files, ["0001_a.sql"], new Map([["0001_a.sql", "1"]]))).toBeUndefined();
  expect(changedSince(files, ["0001_a.sql"], new Map([["0001_a.sql", "0"]]))).toContain(
    "0001_a.sql was changed after it had been applied.",
  );
  // A record that was taken back by hand makes room for another file of that name.
  expect(changedSince(files, [], new Map([["0001_a.sql", "0"]]))).toBeUndefined();
});

test("a record's name cannot break out of its SQL", () => {
  expect(applyAndRecord("o'clock.sql", "SELECT 1;", "ab")).toBe(
    `SELECT 1;\nINSERT INTO "d1_migrations" (name)\nvalues ('o''clock.sql');\nINSERT OR REPLACE INTO "bulkhead_migration_checksums" (name, sha256)\nvalues ('o''clock.sql', 'ab');`,
  );
});
