import { expect, test } from "vitest";
import { isDiskFull } from "../../local/disk-full.ts";

const sqlite = Object.assign(new Error("full"), { errcode: 13 });
const system = Object.assign(new Error("write"), { code: "EDQUOT" });

test.each([
  ["a file operation", system],
  ["SQLite", sqlite],
  ["SQLite in workerd", new Error("database or disk is full: SQLITE_FULL")],
  ["PostgreSQL", 'FATAL:  could not write lock file "postmaster.pid": No space left on device'],
  ["an error's cause", new Error("It failed.", { cause: system })],
])("a full disk is known by what %s says", (_, error) => {
  expect(isDiskFull(error)).toBe(true);
});

test("other errors are no full disk", () => {
  const other = Object.assign(new Error("no such table"), { errcode: 1, code: "ENOENT" });
  expect(isDiskFull(new Error("It failed.", { cause: other }))).toBe(false);
});
