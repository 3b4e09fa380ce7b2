/** What a SQLite database consists of, by statements that make it. */
import type { DatabaseSync } from "node:sqlite";
import { canonicalSql } from "./sql-text.ts";

/** A row of `sqlite_schema`. */
export interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  /** Null for an index that a constraint makes. */
  readonly sql: string | null;
}

/** One table, index, trigger or view. */
export interface SchemaObject {
  readonly type: string;
  readonly name: string;
  /** Of what it is an index or a trigger; of a table or a view, its own name. */
  readonly table: string;
  /** The whole definition, in one spelling. */
  readonly definition: string;
  /** A table's columns with their types and constraints, in one spelling, by name. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Tables that are not the application's: SQLite's, D1's own, and the books that migrations are entered in. */
const SYSTEM = /^(?:sqlite_|_cf_|d1_migrations$|bulkhead_)/i;

export const SCHEMA_QUERY =
  "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";

/** Runs the statements on an empty database in memory, and tells what has come of them. */
export function schemaOf(scripts: readonly string[]): readonly SchemaObject[] {
  const database = openEmpty();
  try {
    for (const script of scripts) database.exec(script);
    const rows = database.prepare(SCHEMA_QUERY).all() as unknown as SchemaRow[];
    return objectsOf(rows, (table) => columnsOf(database, table));
  } finally {
    database.close();
  }
}

const columnsOf = (database: DatabaseSync, table: string): ColumnRow[] =>
  database.prepare("SELECT * FROM pragma_table_xinfo(?)").all(table) as unknown as ColumnRow[];

/** An empty database in memory. That SQLite is new in Node is no news to who runs this. */
function openEmpty(): DatabaseSync {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    return new DatabaseSync(":memory:");
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The same for the rows of a database elsewhere: its tables are made here once more, empty. */
export function schemaOfRows(rows: readonly SchemaRow[]): readonly SchemaObject[] {
  const database = openEmpty();
  try {
    for (const { type, sql } of own(rows))
      if (type === "table" && sql !== null) runOne(database, sql);
    return objectsOf(rows, (table) => columnsOf(database, table));
  } finally {
    database.close();
  }
}

/** A statement of another's makes at most the table that it says; what this SQLite lacks stays unmade. */
function runOne(database: DatabaseSync, sql: string): void {
  if (!/^\s*create\s/i.test(sql)) return;
  try {
    database.prepare(sql).run();
  } catch {
    // Its columns are not told then; its text is compared all the same.
  }
}

/** @see https://www.sqlite.org/pragma.html#pragma_table_xinfo */
interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  readonly pk: number;
  readonly hidden: number;
}

const own = (rows: readonly SchemaRow[]): readonly SchemaRow[] =>
  rows.filter(({ name, tbl_name: table }) => !SYSTEM.test(name) && !SYSTEM.test(table));

function objectsOf(
  rows: readonly SchemaRow[],
  columnsOf: (table: string) => readonly ColumnRow[],
): readonly SchemaObject[] {
  return own(rows).map(({ type, name, tbl_name: table, sql }) => ({
    type,
    name,
    table,
    definition: canonicalSql(sql ?? ""),
    columns: Object.fromEntries(
      (type === "table" ? columnsOf(name) : []).map((column) => [column.name, columnText(column)]),
    ),
  }));
}

function columnText({ type, notnull, dflt_value: value, pk, hidden }: ColumnRow): string {
  return [
    type.toUpperCase() || "any type",
    ...(notnull === 1 ? ["NOT NULL"] : []),
    ...(value === null ? [] : [`DEFAULT ${canonicalSql(value)}`]),
    ...(pk === 0 ? [] : [`PRIMARY KEY ${pk}`]),
    ...(hidden === 0 ? [] : ["generated"]),
  ].join(" ");
}
