import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitStatements } from "../../../local/cloudflare/d1/sql-statements.ts";

describe("splitStatements", () => {
  it.each([
    ["two statements", "SELECT 1; SELECT 2;", ["SELECT 1;", "SELECT 2;"]],
    ["no last semicolon", "SELECT 1; SELECT 2", ["SELECT 1;", "SELECT 2"]],
    ["a semicolon in a string", "SELECT ';';SELECT 2", ["SELECT ';';", "SELECT 2"]],
    ["a doubled quote", "SELECT 'it''s;';SELECT 2", ["SELECT 'it''s;';", "SELECT 2"]],
    ["quoted names", 'SELECT ";" , `;`, [;] ; SELECT 2', ['SELECT ";" , `;`, [;] ;', "SELECT 2"]],
    ["a line comment", "SELECT 1 -- ;\n; SELECT 2", ["SELECT 1 -- ;\n;", "SELECT 2"]],
    ["a block comment", "SELECT /* ; */ 1; SELECT 2", ["SELECT /* ; */ 1;", "SELECT 2"]],
    ["only comments and blanks", "-- nothing;\n ;; /* ; */", []],
    ["no text", "", []],
  ])("handles %s", (_name, sql, expected) => {
    expect(splitStatements(sql)).toEqual(expected);
  });

  it.each(["CREATE TRIGGER", "create temp trigger", "EXPLAIN CREATE TEMPORARY TRIGGER"])(
    "keeps the body of a %s together, with CASE … END in it",
    (create) => {
      const trigger = `${create} t AFTER INSERT ON a BEGIN
        UPDATE a SET x = CASE WHEN x > 1 THEN 2 ELSE 3 END;
        DELETE FROM b;
      END;`;
      expect(splitStatements(`${trigger} SELECT 1;`)).toEqual([trigger, "SELECT 1;"]);
    },
  );

  it("does not take a table whose name holds a keyword for a trigger", () => {
    const sql = "CREATE TABLE trigger_end (x); SELECT 1";
    expect(splitStatements(sql)).toEqual(["CREATE TABLE trigger_end (x);", "SELECT 1"]);
  });

  it("finds again the statements that a text was joined from, and SQLite runs each of them", () => {
    const literal = fc
      .string({ unit: fc.constantFrom("a", ";", "'", '"', "-", "/", "*", "\n", " ", "é") })
      .map((text) => `'${text.replaceAll("'", "''")}'`);
    const statement = fc.oneof(
      literal.map((value) => `SELECT ${value};`),
      literal.map((value) => `INSERT INTO a VALUES (${value});`),
      literal.map(
        (value) =>
          `CREATE TRIGGER IF NOT EXISTS t AFTER INSERT ON a BEGIN DELETE FROM b WHERE x = ${value}; END;`,
      ),
    );
    const separator = fc.constantFrom("", "\n", " -- ; comment\n", " /* ; */ ");
    fc.assert(
      fc.property(fc.array(fc.tuple(statement, separator)), (parts) => {
        const found = splitStatements(parts.map(([text, after]) => text + after).join(""));
        expect(found.map(withoutComments)).toEqual(parts.map(([text]) => text));
        const database = new DatabaseSync(":memory:");
        database.exec("CREATE TABLE a (x); CREATE TABLE b (x);");
        for (const text of found) database.exec(text);
        database.close();
      }),
    );
  });
});

/** What follows a statement up to the next one belongs to the next; leading comments only, so that strings stay. */
const withoutComments = (text: string) => text.replace(/^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)+/, "");
