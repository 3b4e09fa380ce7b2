/**
 * The SQL that keeps track of D1 migrations. Pure.
 *
 * `d1_migrations` is wrangler's, to the letter, so that `wrangler d1 migrations list --remote` and
 * this plugin agree. Source: cloudflare/workers-sdk `packages/wrangler/src/d1/migrations/helpers.ts`.
 *
 * `bulkhead_migration_checksums` is this plugin's own: what each applied file was, which Pulumi's
 * state does not hold after a later file of the same set has failed. Like `d1_migrations` it is no
 * table of the system's, so whoever compares schemas leaves both out.
 */

const CREATE_TRACKING_TABLE = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		name       TEXT UNIQUE,
		applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);`;

export const CHECKSUM_TABLE = "bulkhead_migration_checksums";

const CREATE_CHECKSUM_TABLE = `CREATE TABLE IF NOT EXISTS "${CHECKSUM_TABLE}"(
		name   TEXT PRIMARY KEY,
		sha256 TEXT NOT NULL
);`;

/** Creates what is missing of both tables. */
export const CREATE_TABLES = `${CREATE_TRACKING_TABLE}
${CREATE_CHECKSUM_TABLE}`;

/** Lists what applied files were; files that wrangler applied are not in it. */
export const LIST_CHECKSUMS = `SELECT name, sha256 FROM "${CHECKSUM_TABLE}"`;

/** Lists what is recorded, oldest first. */
export const LIST_RECORDED = `SELECT *
		FROM "d1_migrations"
		ORDER BY id`;

/** Finds out whether anything is tracked at all, without creating the table. */
export const FIND_TRACKING_TABLE =
  "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'd1_migrations'";

/** A migration and its records in one query: all happen, or none. `sha256` is the file's, hex. */
export function applyAndRecord(name: string, sql: string, sha256: string): string {
  const quoted = quote(name);
  return `${sql}
INSERT INTO "d1_migrations" (name)
values (${quoted});
INSERT OR REPLACE INTO "${CHECKSUM_TABLE}" (name, sha256)
values (${quoted}, ${quote(sha256)});`;
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
