import { Hono } from "hono";
import { healthReport } from "../../shared/worker/health.ts";
import { answerError, answerNotFound } from "../../shared/worker/http.ts";
import { type Query, withPostgres } from "../../shared/worker/postgres.ts";
import { Router, readRouting, SCHEMAS } from "./routing.ts";

/** What Pulumi binds to the handled API Worker. */
interface Bindings {
  /** Who uses the product. */
  readonly PRIMARY: Hyperdrive;
  /** What they work on; absent in single mode, in which PRIMARY holds that too. */
  readonly DATA?: Hyperdrive;
  readonly SPLIT_DB_MODE: string;
  readonly LOG_DB_QUERIES: string;
  /** Name of the environment, for example `staging`. */
  readonly ENVIRONMENT: string;
}

const app = new Hono<{ Bindings: Bindings }>();

app.get("/health", async (c) => {
  const report = await healthReport(c.env.ENVIRONMENT, {
    primary: () => withPostgres(c.env.PRIMARY, hasSchemas(["config", "customer"])),
    data: () => withPostgres(c.env.DATA ?? c.env.PRIMARY, hasSchemas(["workspace", "reference"])),
  });
  return c.json(report, report.status === "healthy" ? 200 : 503);
});

/** Where each schema's queries really go: the server's own name of the database. */
app.get("/routing", (c) =>
  withRouter(c.env, async (router, split) => {
    const databases: Record<string, unknown> = {};
    for (const schema of SCHEMAS) {
      const [row] = await router.query(schema, "SELECT current_database() AS name");
      databases[schema] = (row as { name?: unknown } | undefined)?.name;
    }
    return c.json({ environment: c.env.ENVIRONMENT, split, databases });
  }),
);

app.onError(answerError);
app.notFound(answerNotFound);

export default app;

/** Runs `work` with a connection to each database, of which single mode has one. */
function withRouter<Result>(
  env: Bindings,
  work: (router: Router, split: boolean) => Promise<Result>,
): Promise<Result> {
  const data = env.DATA ?? env.PRIMARY;
  const { split, logQueries } = readRouting({
    SPLIT_DB_MODE: env.SPLIT_DB_MODE,
    PRIMARY_DATABASE_URL: env.PRIMARY.connectionString,
    DATA_DATABASE_URL: data.connectionString,
    LOG_DB_QUERIES: env.LOG_DB_QUERIES,
  });
  // biome-ignore lint/suspicious/noConsole: a Worker has no other log.
  const log = logQueries ? (line: string) => console.log(line) : undefined;
  const runner = (query: Query) => ({
    query: async (text: string, values?: readonly unknown[]) => ({
      rows: await query(text, values),
    }),
  });
  return withPostgres(env.PRIMARY, (primary) => {
    const PRIMARY = runner(primary);
    if (!split) return work(new Router({ PRIMARY, DATA: PRIMARY }, log), split);
    return withPostgres(data, (query) =>
      work(new Router({ PRIMARY, DATA: runner(query) }, log), split),
    );
  });
}

const hasSchemas = (schemas: readonly string[]) => async (query: Query) => {
  const rows = await query("SELECT nspname FROM pg_namespace WHERE nspname = ANY ($1)", [schemas]);
  const missing = schemas.filter((schema) => !rows.some(({ nspname }) => nspname === schema));
  if (missing.length > 0) throw new Error(`The schemas ${missing.join(", ")} are missing.`);
};
