/** Which of the product's two databases holds what (H6-H8). */

/** A schema of the product's. */
export type Schema = "config" | "customer" | "workspace" | "reference";

/** PRIMARY holds who uses the product, DATA what they work on. */
export type DatabaseName = "PRIMARY" | "DATA";

const DATABASE_OF: Readonly<Record<Schema, DatabaseName>> = {
  config: "PRIMARY",
  customer: "PRIMARY",
  workspace: "DATA",
  reference: "DATA",
};

/** How the product finds its databases, in the words of its environment variables (H4). */
export interface RoutingVariables {
  /** `true` or `false`. */
  readonly SPLIT_DB_MODE: string | undefined;
  readonly PRIMARY_DATABASE_URL: string | undefined;
  readonly DATA_DATABASE_URL: string | undefined;
  /** `true` logs the text of every query, without its values (H13-H15). Default: false. */
  readonly LOG_DB_QUERIES?: string | undefined;
}

/** Every schema of the product's. */
export const SCHEMAS = Object.keys(DATABASE_OF) as readonly Schema[];

/** What runs queries on one database: a client, or a pool, of any driver that takes `$1`. */
export interface QueryRunner {
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rows: unknown[] }>;
}

/** Settings that make no sense; the message holds no URL. */
export class RoutingError extends Error {}

/** Settings after their check. */
export interface Routing {
  readonly split: boolean;
  readonly urls: Readonly<Record<DatabaseName, string>>;
  readonly logQueries: boolean;
}

/**
 * Reads the settings. In split mode the two databases must be two; in single mode they are one, and
 * naming another in `DATA_DATABASE_URL` is an error, since nothing would be read from it (H5).
 *
 * @throws RoutingError naming the variable and what is wrong with it.
 */
export function readRouting(variables: RoutingVariables): Routing {
  const split = flag("SPLIT_DB_MODE", variables.SPLIT_DB_MODE);
  const primary = required("PRIMARY_DATABASE_URL", variables.PRIMARY_DATABASE_URL);
  const data = required("DATA_DATABASE_URL", variables.DATA_DATABASE_URL);
  const same =
    databaseIdentity("PRIMARY_DATABASE_URL", primary) ===
    databaseIdentity("DATA_DATABASE_URL", data);
  if (split && same) {
    throw new RoutingError(
      "SPLIT_DB_MODE is true, but PRIMARY_DATABASE_URL and DATA_DATABASE_URL name the same database. " +
        "Give DATA_DATABASE_URL its own, or set SPLIT_DB_MODE to false.",
    );
  }
  if (!split && !same) {
    throw new RoutingError(
      "SPLIT_DB_MODE is false, but PRIMARY_DATABASE_URL and DATA_DATABASE_URL name two databases. " +
        "Set SPLIT_DB_MODE to true, or give both the same URL.",
    );
  }
  return {
    split,
    urls: { PRIMARY: primary, DATA: data },
    logQueries: flag("LOG_DB_QUERIES", variables.LOG_DB_QUERIES ?? "false"),
  };
}

/** The database that holds a schema. @throws RoutingError for a schema that the product does not have. */
export function databaseOf(schema: string): DatabaseName {
  if (Object.hasOwn(DATABASE_OF, schema)) return DATABASE_OF[schema as Schema];
  throw new RoutingError(
    `There is no schema "${schema}" (${SCHEMAS.join(", ")}). Correct the name.`,
  );
}

/**
 * Runs each query on the database of its schema, in both modes alike, so that code written for one
 * database needs no change for two.
 */
export class Router {
  readonly #runners: Readonly<Record<DatabaseName, QueryRunner>>;
  readonly #log: ((line: string) => void) | undefined;

  /** @param log gets the text of every query; leave it out to log none. */
  constructor(runners: Readonly<Record<DatabaseName, QueryRunner>>, log?: (line: string) => void) {
    this.#runners = runners;
    this.#log = log;
  }

  async query(schema: string, text: string, values: readonly unknown[] = []): Promise<unknown[]> {
    const database = databaseOf(schema);
    this.#log?.(`${database} ${text}`);
    const { rows } = await this.#runners[database].query(text, values);
    return rows;
  }
}

/** One text for one database, whatever client's parameters its URL carries (T13, T25). */
function databaseIdentity(variable: string, url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new RoutingError(
      `${variable} is no URL. Write it as postgresql://user:password@host:port/database.`,
    );
  }
  const host = parsed.hostname.toLowerCase().replace(/\.$/, "");
  return `${host}:${parsed.port || "5432"}${parsed.pathname}`;
}

function required(name: string, value: string | undefined): string {
  if (value) return value;
  throw new RoutingError(`${name} is not set. Set it to the database's URL.`);
}

function flag(name: string, value: string | undefined): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw new RoutingError(
    value === undefined
      ? `${name} is not set. Set it to true or false.`
      : `${name} is "${value}", which is neither true nor false. Set it to one of them.`,
  );
}
