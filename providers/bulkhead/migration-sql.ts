/**
 * The SQL by which wrangler keeps track of D1 migrations, to the letter, so that
 * `wrangler d1 migrations list --remote` and this plugin agree. Pure.
 * Source: cloudflare/workers-sdk `packages/wrangler/src/d1/migrations/helpers.ts`.
 */

/** Creates the tracking table. */
export const CREATE_TRACKING_TABLE = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		name       TEXT UNIQUE,
		applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);`;

/** Lists what is recorded, oldest first. */
export const LIST_RECORDED = `SELECT *
		FROM "d1_migrations"
		ORDER BY id`;

/** Finds out whether anything is tracked at all, without creating the table. */
export const FIND_TRACKING_TABLE =
  "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'd1_migrations'";

/** A migration and its record in one query: both happen, or neither. */
export function applyAndRecord(name: string, sql: string): string {
  return `${sql}
INSERT INTO "d1_migrations" (name)
values ('${name.replaceAll("'", "''")}');`;
}
