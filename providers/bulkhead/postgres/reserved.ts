/** Names that PostgreSQL and the vendors keep for themselves. Pure. */

const RESERVED: ReadonlySet<string> = new Set([
  "postgres",
  "administrator",
  "template0",
  "template1",
  "doadmin",
  "doadmin_group",
  "avnadmin",
  "avnadmin_group",
  "defaultdb",
]);

/**
 * RDS's own roles and databases, PostgreSQL's, and DigitalOcean's: `_dodb_repl`, `_doadmin_monitor`, and
 * those of the service that it is made of, `_avnadmin_monitor`.
 */
const RESERVED_PREFIX = /^(rds|pg_|_dodb|_doadmin|_avnadmin)/;

/** Whether a database or role of this name is a server's or a vendor's own, and never an application's. */
export const isReservedName = (name: string): boolean =>
  RESERVED.has(name) || RESERVED_PREFIX.test(name);
