/** A database's address, as one client understands it. */
export interface PostgresTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/**
 * Clients whose parameters differ.
 * - `libpq`: psql, pg_dump, psycopg and all that is built on libpq.
 * - `node-postgres`: the npm package `pg`; TLS is an option beside the URL (`ssl: { ca }`), and a
 *   parameter in the URL would replace it.
 * - `prisma`: Prisma's own engine.
 */
export type PostgresClient = "libpq" | "node-postgres" | "prisma";

export interface UrlOptions {
  /** Through a pool in transaction mode, in which no prepared statement survives. */
  readonly pooled?: boolean;
  /** Connections that one process of the client opens. Prisma alone takes it in the URL. */
  readonly connectionLimit?: number;
}

/** Seconds that psql and its like wait for a server. */
const CONNECT_TIMEOUT_SECONDS = "10";

const PARAMETERS: Readonly<
  Record<PostgresClient, (options: UrlOptions) => Readonly<Record<string, string>>>
> = {
  libpq: () => ({ sslmode: "require", connect_timeout: CONNECT_TIMEOUT_SECONDS }),
  "node-postgres": () => ({}),
  prisma: ({ pooled, connectionLimit }) => ({
    sslmode: "require",
    ...(pooled ? { pgbouncer: "true" } : {}),
    ...(connectionLimit === undefined ? {} : { connection_limit: String(connectionLimit) }),
  }),
};

/**
 * The connection URL for one client, which holds no other client's parameters (T25): libpq refuses
 * `pgbouncer=true`, and Prisma needs it.
 *
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 * @see https://www.prisma.io/docs/orm/overview/databases/postgresql
 */
export function postgresUrl(
  { host, port, database, user, password }: PostgresTarget,
  client: PostgresClient,
  options: UrlOptions = {},
): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const name = host.includes(":") ? `[${host}]` : host;
  const query = new URLSearchParams(PARAMETERS[client](options)).toString();
  const url = `postgresql://${login}@${name}:${port}/${encodeURIComponent(database)}`;
  return query === "" ? url : `${url}?${query}`;
}
