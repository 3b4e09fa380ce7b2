import { Client } from "pg";

/** A query's rows; `$1` and the like stand for values. */
export type Query = (
  text: string,
  values?: readonly unknown[],
) => Promise<Record<string, unknown>[]>;

/**
 * Runs `work` on one connection through Hyperdrive, which keeps the real ones open. A request must
 * not use another's connection, so each makes its own.
 *
 * @see https://developers.cloudflare.com/hyperdrive/examples/connect-to-postgres/
 */
export async function withPostgres<Result>(
  hyperdrive: Hyperdrive,
  work: (query: Query) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: hyperdrive.connectionString });
  await client.connect();
  try {
    return await work(async (text, values = []) => {
      const { rows } = await client.query(text, [...values]);
      return rows as Record<string, unknown>[];
    });
  } finally {
    await client.end();
  }
}
