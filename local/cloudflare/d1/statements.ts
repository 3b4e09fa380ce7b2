import { z } from "zod";
import type { D1Binding } from "../../runtime/account-runtime.ts";
import { ApiError } from "../envelope.ts";
import type { CloudContext } from "../service.ts";
import { D1_ERROR, type DatabaseDocument, databasesOf, requireDatabase } from "./databases.ts";
import { onlyReads, splitStatements } from "./sql-statements.ts";

const single = z.strictObject({
  sql: z.string(),
  params: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
});

/** The body of `query` and `raw`: one text of statements, or a batch of them. */
export const statementsBody = z.union([z.strictObject({ batch: z.array(single) }), single]);

type D1Statement = ReturnType<D1Binding["prepare"]>;
type D1Rows = Awaited<ReturnType<D1Statement["all"]>>;

/** Runs the statements in one transaction and answers with one result for each. */
export async function query(
  cloud: CloudContext,
  database: DatabaseDocument,
  body: z.infer<typeof statementsBody>,
) {
  const results = await run(cloud, database, (binding) =>
    binding.batch<Record<string, unknown>>(prepare(binding, body)),
  );
  return results.map(({ results, success, meta }) => ({
    results,
    success,
    meta: describeMeta(database, meta),
  }));
}

/**
 * As `query`, with rows as arrays. Columns of one name stay apart when there is one statement and it
 * only reads: the binding gives either all of the columns or what a statement took, so that such a
 * statement runs twice.
 */
export async function raw(
  cloud: CloudContext,
  database: DatabaseDocument,
  body: z.infer<typeof statementsBody>,
) {
  return run(cloud, database, async (binding) => {
    const statements = prepare(binding, body);
    const answers = await binding.batch<Record<string, unknown>>(statements);
    const [only] = statements;
    const isSingle = statements.length === 1 && "sql" in body && onlyReads(body.sql);
    const [columns, ...rows] =
      isSingle && only !== undefined ? await only.raw({ columnNames: true }) : [];
    return answers.map(({ results, success, meta }) => ({
      results:
        columns === undefined
          ? { columns: Object.keys(results[0] ?? {}), rows: results.map(Object.values) }
          : { columns, rows },
      success,
      meta: describeMeta(database, meta),
    }));
  });
}

/** Runs a whole SQL file, all of it or nothing. */
export async function runFile(cloud: CloudContext, database: DatabaseDocument, sql: string) {
  const results = await run(cloud, database, (binding) => binding.batch(prepare(binding, { sql })));
  const total = (pick: (meta: D1Rows["meta"]) => number) =>
    results.reduce((sum, { meta }) => sum + pick(meta), 0);
  const last = results.at(-1)?.meta;
  return {
    num_queries: results.length,
    meta: {
      ...(last && describeMeta(database, last)),
      changes: total(({ changes }) => changes),
      rows_read: total(({ rows_read }) => rows_read),
      rows_written: total(({ rows_written }) => rows_written),
    },
  };
}

/** The database as SQL text. */
export async function dump(
  cloud: CloudContext,
  database: DatabaseDocument,
  options: { noSchema: boolean; noData: boolean; tables: readonly string[] },
): Promise<string> {
  const [lines] = await run(cloud, database, (binding) =>
    binding
      .prepare("PRAGMA miniflare_d1_export(?,?,?);")
      .bind(Number(options.noSchema), Number(options.noData), ...options.tables)
      .raw<string[]>(),
  );
  return (lines ?? []).join("\n");
}

function prepare(binding: D1Binding, body: z.infer<typeof statementsBody>): D1Statement[] {
  const queries = "batch" in body ? body.batch : [body];
  const statements = queries.flatMap(({ sql, params = [] }) => {
    const texts = splitStatements(sql);
    if (texts.length > 1 && params.length > 0) {
      throw new ApiError(
        400,
        D1_ERROR.invalid,
        "Parameters can only be given to a single statement.",
      );
    }
    return texts.map((text) => binding.prepare(text).bind(...params));
  });
  if (statements.length === 0) {
    throw new ApiError(400, D1_ERROR.sql, "No SQL statements detected.");
  }
  return statements;
}

async function run<R>(
  cloud: CloudContext,
  database: DatabaseDocument,
  work: (binding: D1Binding) => Promise<R>,
): Promise<R> {
  const { account, id } = database;
  // Read again: the database may have changed while the request's body was on the way.
  const { body } = requireDatabase(cloud, account, id);
  if (!body.used) databasesOf(cloud).update(account, id, { body: { ...body, used: true } });
  try {
    return await cloud.runtimes.of(account).database(id, work);
  } catch (error) {
    throw error instanceof Error && error.message.startsWith("D1_") ? sqlRefusal(error) : error;
  }
}

const sqlRefusal = (error: Error) =>
  new ApiError(400, D1_ERROR.sql, error.message.replace(/^D1_[A-Z_]+: /, ""));

function describeMeta({ body }: DatabaseDocument, meta: D1Rows["meta"]) {
  const { duration, changes, last_row_id, changed_db, size_after, rows_read, rows_written } = meta;
  return {
    served_by_region: (body.locationHint ?? "enam").toUpperCase(),
    served_by_primary: true,
    timings: { sql_duration_ms: duration },
    duration,
    changes,
    last_row_id,
    changed_db,
    size_after,
    rows_read,
    rows_written,
  };
}
