/** Names that PostgreSQL and the vendors keep for themselves. Pure. */

const RESERVED: ReadonlySet<string> = new Set([
  "postgres",
  "administrator",
  "template0",
  "template1",
  "doadmin",
  "defaultdb",
]);

/** RDS's own roles and databases, and PostgreSQL's. */
const RESERVED_PREFIX = /^(rds|pg_)/;

/** Whether a database or role of this name is a server's or a vendor's own, and never an application's. */
export const isReservedName = (name: string): boolean =>
  RESERVED.has(name) || RESERVED_PREFIX.test(name);
