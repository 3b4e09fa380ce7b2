import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { compare } from "../../../drift/probes/d1-schema.ts";
import { canonicalSql } from "../../../drift/probes/sql-text.ts";
import { schemaOf, schemaOfRows } from "../../../drift/probes/sqlite-schema.ts";

const ROW = { type: "table", name: "users", tbl_name: "users" };

const rowsOf = (...sql: string[]) => {
  const database = new DatabaseSync(":memory:");
  for (const each of sql) database.exec(each);
  const rows = database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema").all();
  database.close();
  return rows as unknown as Parameters<typeof schemaOfRows>[0];
};

/** What differs between a schema and the same one after further statements. */
const drift = (schema: string, ...further: string[]) =>
  compare(schemaOf([schema]), schemaOfRows(rowsOf(schema, ...further)));

test.for([
  ["CREATE TABLE a (b TEXT)", 'create  table "a"(\n b text -- why\n)'],
  ["CREATE INDEX i ON a (b)", "CREATE INDEX [i] ON `a` /* here */ (b) ;"],
  ["CHECK (x <> 'It''s')", "check(x <> 'It''s')"],
])("%s is the same as %s", ([one = "", other = ""]) => {
  expect(canonicalSql(other)).toBe(canonicalSql(one));
});

test.for([
  ["CHECK (x <> 'A')", "CHECK (x <> 'a')"],
  ['CREATE TABLE "a b" (c)', "CREATE TABLE ab (c)"],
  ["DEFAULT '--x'", "DEFAULT '--y'"],
  ["DEFAULT x'00'", "DEFAULT '00'"],
])("%s is another than %s", ([one = "", other = ""]) => {
  expect(canonicalSql(other)).not.toBe(canonicalSql(one));
});

test("what migrations make is what they make", () => {
  const schema =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE); CREATE INDEX n ON users (name)";
  expect(drift(schema, "INSERT INTO users (name) VALUES ('x')", "ANALYZE")).toEqual([]);
});

test("tables that are not the application's are left out", () => {
  const further = [
    "CREATE TABLE d1_migrations (id)",
    "CREATE TABLE _cf_KV (key)",
    "CREATE TABLE bulkhead_migration_checksums (name)",
    "CREATE INDEX of_books ON d1_migrations (id)",
  ];
  expect(drift("CREATE TABLE users (id)", ...further)).toEqual([]);
});

test("a table whose name only begins alike is the application's", () => {
  const [only] = drift("CREATE TABLE users (id)", "CREATE TABLE d1_migrations_copy (id)");
  expect(only).toMatchObject({ name: "d1_migrations_copy", what: "is made by no migration" });
});

test("each changed column is named, with what it was", () => {
  const was = schemaOf(["CREATE TABLE users (id INTEGER PRIMARY KEY, a TEXT, b TEXT NOT NULL)"]);
  const is = schemaOfRows([
    {
      ...ROW,
      sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, b INTEGER NOT NULL, c TEXT DEFAULT 1)",
    },
  ]);
  expect(compare(was, is)).toEqual([
    {
      type: "table",
      name: "users",
      what: "is not as the migrations make it: it lacks the column a; it has the further column c; it has another type or constraint of b",
      parts: [
        { path: "columns[a]", before: "TEXT" },
        { path: "columns[b]", before: "TEXT NOT NULL", after: "INTEGER NOT NULL" },
        { path: "columns[c]", after: "TEXT DEFAULT 1" },
      ],
    },
  ]);
});

test("what no column tells is told by the definition", () => {
  const was = schemaOf(["CREATE TABLE users (id INTEGER, CHECK (id > 0))"]);
  const is = schemaOfRows([{ ...ROW, sql: "CREATE TABLE users (id INTEGER, CHECK (id > 1))" }]);
  expect(compare(was, is)[0]?.what).toMatch(/another definition/);
});

test("the indexes of a table that is gone, or was added, are not told beside it", () => {
  const schema = "CREATE TABLE users (id); CREATE INDEX i ON users (id)";
  const gone = drift(schema, "DROP TABLE users");
  expect(gone.map(({ name }) => name)).toEqual(["users"]);
  const added = drift(schema, "CREATE TABLE more (id)", "CREATE INDEX j ON more (id)");
  expect(added.map(({ name }) => name)).toEqual(["more"]);
});

test("a row that is no definition is not run", () => {
  const rows = [{ ...ROW, sql: "ATTACH 'elsewhere.db' AS elsewhere" }];
  const [table] = schemaOfRows(rows);
  expect(table?.columns).toEqual({});
});
