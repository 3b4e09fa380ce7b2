import type { PostgresSpec } from "../../engines/engines.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { type DataFolder, findDataFolder, updateDataFolder } from "./data-folders.ts";

/** SQLSTATEs of what exists already: schema, database, role or type, table, function. */
const EXISTS = new Set(["42P06", "42P04", "42710", "42P07", "42723"]);
/** Classes of SQLSTATEs that speak of the server and not of the statement. */
const TROUBLE = new Set(["08", "53", "57", "58"]);

/**
 * Runs the statements of `setup.sql` that were not run yet and tells whether all of them have succeeded.
 * Each is recorded before it is sent. One that was begun when the cloud was killed is sent again, and
 * has succeeded as well when what it makes exists.
 */
export async function runSetup(
  cloud: VendorContext,
  folder: DataFolder,
  spec: PostgresSpec,
  statements: readonly string[],
): Promise<boolean> {
  const { begun } = folder.body;
  return cloud.engines.postgres.as(spec, "postgres", async (client) => {
    for (const [index, statement] of statements.entries()) {
      if (index < begun - 1) continue;
      progress(cloud, folder, { begun: index + 1 });
      try {
        await client.query(statement);
      } catch (error) {
        const code = sqlState(error);
        if (code === undefined || TROUBLE.has(code.slice(0, 2))) throw error;
        if (index === begun - 1 && EXISTS.has(code)) continue;
        cloud.log(
          `Droplet ${folder.body.setUpBy}: statement ${index + 1} of /etc/bulkhead/setup.sql ` +
            `(${verb(statement)}) failed with SQLSTATE ${code}. Its PostgreSQL stays closed.`,
        );
        progress(cloud, folder, { state: "failed" });
        return false;
      }
    }
    progress(cloud, folder, { state: "ready" });
    return true;
  });
}

function progress(
  cloud: VendorContext,
  { account, id }: DataFolder,
  change: Parameters<typeof updateDataFolder>[2],
): void {
  const folder = findDataFolder(cloud, account, id);
  if (folder !== undefined) updateDataFolder(cloud, folder, change);
}

function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : undefined;
}

/** The statement's first two words; what follows may be a secret. */
const verb = (statement: string): string => statement.split(/\s+/, 2).join(" ");
