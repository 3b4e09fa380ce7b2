import { describe, expect, it } from "vitest";
import { orderMigrations, readMigrationFiles } from "../../components/migration-files.ts";

describe("the order of migrations", () => {
  it("is that of the names where every number is its own", () => {
    expect(orderMigrations("d", ["0002_b.sql", "0001_a.sql"], undefined)).toEqual([
      "0001_a.sql",
      "0002_b.sql",
    ]);
  });

  it("is refused as a guess where two share a number (T31)", () => {
    expect(() => orderMigrations("d", ["0003_a.sql", "0003_b.sql"], undefined)).toThrow(
      "0003_a.sql and 0003_b.sql in d have the same number, so their order is a guess. Pin it in order.json.",
    );
  });

  it("is the pinned one, against the alphabet (C2)", () => {
    const pinned = '["0003_storage.sql", "0003_access.sql"]';
    expect(orderMigrations("d", ["0003_access.sql", "0003_storage.sql"], pinned)).toEqual([
      "0003_storage.sql",
      "0003_access.sql",
    ]);
  });

  it.each([
    ['["a.sql"]', "it lacks b.sql"],
    ['["a.sql", "b.sql", "c.sql"]', "it lists c.sql wrongly"],
    ['["a.sql", "b.sql", "a.sql"]', "it lists a.sql wrongly"],
    ["not json", "is not a JSON array of file names"],
    ['{"a": 1}', "is not a JSON array of file names"],
  ])("is refused when order.json is %s", (pinned, message) => {
    expect(() => orderMigrations("d", ["a.sql", "b.sql"], pinned)).toThrow(message);
  });

  it("refuses an empty directory, one that is not there, and a file without a number", () => {
    expect(() => orderMigrations("d", [], undefined)).toThrow("d holds no .sql file");
    expect(() => orderMigrations("d", ["a.sql"], undefined)).toThrow(
      "does not begin with a number",
    );
    expect(() => readMigrationFiles("/nowhere")).toThrow("migrations: /nowhere cannot be read");
  });
});
