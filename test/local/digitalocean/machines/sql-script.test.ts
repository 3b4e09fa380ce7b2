import fc from "fast-check";
import { expect, test } from "vitest";
import { splitStatements } from "../../../../local/digitalocean/machines/sql-script.ts";

test("a script is parted at the semicolons that end statements, and at no other", () => {
  const script = `
    -- roles; first
    CREATE ROLE app LOGIN PASSWORD 'SCRAM-SHA-256$4096:a;b''c';
    /* a block; /* nested; */ still; */ CREATE DATABASE "odd;name";
    DO $body$ BEGIN PERFORM 1; PERFORM $$;$$; END $body$;
    SELECT E'a\\'; b', e$1, col$tag$;
    ALTER DATABASE app SET search_path = app`;
  expect(splitStatements(script)).toEqual([
    "CREATE ROLE app LOGIN PASSWORD 'SCRAM-SHA-256$4096:a;b''c'",
    'CREATE DATABASE "odd;name"',
    "DO $body$ BEGIN PERFORM 1; PERFORM $$;$$; END $body$",
    "SELECT E'a\\'; b', e$1, col$tag$",
    "ALTER DATABASE app SET search_path = app",
  ]);
});

test("a comment between two words parts them", () => {
  expect(splitStatements("SELECT/* all */1 -- one\n;")).toEqual(["SELECT 1"]);
});

test.each(["SELECT 'a", 'SELECT "a', "SELECT /* /* */", "DO $x$ BEGIN", "SELECT $$ a"])(
  "a script that ends within a quotation or a comment is none: %s",
  (script) => {
    expect(splitStatements(script)).toBeUndefined();
    expect(splitStatements("SELECT 1")).toEqual(["SELECT 1"]);
  },
);

const statement = fc.oneof(
  fc.string().map((text) => `SELECT '${text.replaceAll("'", "''")}'`),
  fc.string().map((text) => `SELECT 1 AS "${text.replaceAll('"', '""')}_"`),
  fc.string().map((text) => `DO $q$${text.replaceAll("$", "")}$q$`),
);

test("whatever stands in quotations, as many statements come out as went in, unchanged", () => {
  fc.assert(
    fc.property(fc.array(statement), (statements) => {
      expect(splitStatements(statements.join(";\n"))).toEqual(statements);
    }),
  );
});
