import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "./input-error.ts";

/** One migration, in the order of application. */
export interface MigrationFile {
  /** File name, for example `0001_init_schema.sql`. */
  readonly name: string;
  /** SHA-256 of the file's bytes, lower-case hexadecimal. */
  readonly sha256: string;
}

const ORDER_FILE = "order.json";

/**
 * The migrations in a directory: by file name, unless `order.json` (an array of file names) pins
 * the order.
 *
 * @throws InputError when the directory cannot be read, is empty, or its order is not certain.
 */
export function readMigrationFiles(directory: string): MigrationFile[] {
  let entries: string[];
  try {
    entries = readdirSync(directory);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(
      `migrations: ${directory} cannot be read (${reason}). Give the directory that holds the .sql files.`,
    );
  }
  const present = entries.filter((name) => name.endsWith(".sql"));
  const pinned = entries.includes(ORDER_FILE)
    ? readFileSync(join(directory, ORDER_FILE), "utf8")
    : undefined;
  return orderMigrations(directory, present, pinned).map((name) => ({
    name,
    sha256: createHash("sha256")
      .update(readFileSync(join(directory, name)))
      .digest("hex"),
  }));
}

/**
 * @param directory for messages only.
 * @param present names of the .sql files, in any order.
 * @param pinned the text of order.json, if there is one.
 * @throws InputError when no file is present, when two share a number and nothing pins their
 *   order, or when order.json is not exactly the files that are present.
 */
export function orderMigrations(
  directory: string,
  present: readonly string[],
  pinned: string | undefined,
): string[] {
  if (present.length === 0) {
    throw new InputError(
      `migrations: ${directory} holds no .sql file. Add one or leave migrations out.`,
    );
  }
  const sorted = [...present].sort();
  if (pinned === undefined) {
    return assertDistinctNumbers(directory, sorted);
  }
  const order = parseOrder(directory, pinned);
  const missing = sorted.filter((name) => !order.includes(name));
  const extra = order.filter(
    (name, index) => !sorted.includes(name) || order.indexOf(name) !== index,
  );
  if (missing.length > 0 || extra.length > 0) {
    throw new InputError(
      `migrations: ${directory}/${ORDER_FILE} does not match the .sql files beside it` +
        (missing.length > 0 ? `; it lacks ${missing.join(", ")}` : "") +
        (extra.length > 0 ? `; it lists ${extra.join(", ")} wrongly` : "") +
        ". List every file exactly once.",
    );
  }
  return order;
}

function parseOrder(directory: string, text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((name) => typeof name === "string")) {
      return value;
    }
  } catch {
    // Not JSON at all is answered like JSON of another shape.
  }
  throw new InputError(
    `migrations: ${directory}/${ORDER_FILE} is not a JSON array of file names. ` +
      'Write it like ["0001_init.sql", "0002_more.sql"].',
  );
}

function assertDistinctNumbers(directory: string, names: string[]): string[] {
  const byNumber = new Map<string, string>();
  for (const name of names) {
    const number = /^\d+/.exec(name)?.[0];
    if (number === undefined) {
      throw new InputError(
        `migrations: ${directory}/${name} does not begin with a number. ` +
          "Name migrations like 0001_what_it_does.sql.",
      );
    }
    const other = byNumber.get(number);
    if (other !== undefined) {
      throw new InputError(
        `migrations: ${other} and ${name} in ${directory} have the same number, so their order ` +
          `is a guess. Pin it in ${ORDER_FILE}.`,
      );
    }
    byNumber.set(number, name);
  }
  return names;
}
