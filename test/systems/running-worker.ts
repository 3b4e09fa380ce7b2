import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { Miniflare, type WorkerOptions } from "miniflare";
import { readMigrationFiles } from "../../components/migration-files.ts";
import { DEFAULT_COMPATIBILITY_DATE } from "../../components/worker.ts";
import { bundleWorker } from "../../components/worker-bundle.ts";

const ROOT = new URL("../../systems/", import.meta.url);

type D1Database = Awaited<ReturnType<Miniflare["getD1Database"]>>;

export type System = "qhub" | "cutty";

/** Options of the Worker under test, beside its script and its database. */
export type Extra = Partial<WorkerOptions> & { bindings: Record<string, string> };

/** A system's Worker in workerd, bundled as the component bundles it, on a migrated D1 database. */
export interface RunningWorker {
  fetch(path: string, init?: RequestInit & { json?: unknown; bearer?: string }): Promise<Response>;
  /** The database, by the API that Workers have. Valid until the next `rebind`. */
  db(): Promise<D1Database>;
  readonly miniflare: Miniflare;
  /** Runs the same Worker, on the same data, with other bindings. */
  rebind(extra: Extra): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorker(
  system: System,
  extra: Extra,
  others: WorkerOptions[] = [],
): Promise<RunningWorker> {
  const script = bundleWorker(fileURLToPath(new URL(`${system}/worker/main.ts`, ROOT)));
  const optionsFor = (own: Extra) => ({
    host: "127.0.0.1",
    port: 0,
    workers: [
      {
        name: system,
        modules: true as const,
        script,
        compatibilityDate: DEFAULT_COMPATIBILITY_DATE,
        d1Databases: { DB: system },
        ...own,
      },
      ...others,
    ],
  });
  const miniflare = new Miniflare(optionsFor(extra));
  const db = () => miniflare.getD1Database("DB", system);
  await migrate(await db(), system);
  return {
    db,
    miniflare,
    rebind: async (own) => {
      await miniflare.setOptions(optionsFor(own));
      await miniflare.ready;
    },
    stop: () => miniflare.dispose(),
    fetch: async (path, { json, bearer, ...init } = {}) => {
      const headers = new Headers(init.headers);
      if (bearer) {
        headers.set("Authorization", `Bearer ${bearer}`);
      }
      const body = json === undefined ? init.body : JSON.stringify(json);
      return fetch(new URL(path, await miniflare.ready), {
        ...init,
        ...(body === undefined ? {} : { body }),
        headers,
      });
    },
  };
}

/** Applies a system's migrations in their order, each file as one transaction. */
async function migrate(db: D1Database, system: System): Promise<void> {
  const directory = fileURLToPath(new URL(`${system}/migrations/`, ROOT));
  const scratch = new DatabaseSync(":memory:");
  for (const { name } of readMigrationFiles(directory)) {
    const statements = splitStatements(scratch, readFileSync(join(directory, name), "utf8"));
    await db.batch(statements.map((statement) => db.prepare(statement)));
  }
  scratch.close();
}

/** Lets SQLite itself find the statements' ends, running them on a scratch database on the way. */
function splitStatements(scratch: DatabaseSync, sql: string): string[] {
  const statements: string[] = [];
  let rest = sql.trim();
  while (rest !== "") {
    const statement = scratch.prepare(rest);
    statements.push(statement.sourceSQL);
    rest = rest.slice(statement.sourceSQL.length).trim();
    statement.run();
  }
  return statements;
}
