/** Connections to a PostgreSQL server as its administrator. */
import type { ConnectionOptions } from "node:tls";
import type { Client } from "pg";
import { VendorFault } from "../../sdk/fault.ts";

/** How to reach a server and how to check its certificate. */
export interface ServerInputs {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The database to connect to where no other is meant. */
  readonly database: string;
  readonly sslMode: string;
  /** PEM of the authorities that may have signed the server's certificate; the system's where absent. */
  readonly caCertificate?: string | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * Runs `work` on one database of the server, over TLS.
 * @throws VendorFault; it never holds the password or a statement.
 */
export async function onDatabase<R>(
  server: ServerInputs,
  database: string,
  work: (client: Client) => Promise<R>,
): Promise<R> {
  const { Client } = await import("pg");
  const client = new Client({
    host: server.host,
    port: server.port,
    user: server.user,
    password: server.password,
    database,
    ssl: tlsOptions(server),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: "bulkhead",
  });
  // The server may end the connection while nobody waits for it.
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw postgresFault(error, server);
  } finally {
    await client.end().catch(() => {});
  }
}

/** libpq's modes. @see https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION */
function tlsOptions({ sslMode, caCertificate }: ServerInputs): ConnectionOptions {
  if (sslMode === "require") return { rejectUnauthorized: false };
  const ca = caCertificate === undefined ? {} : { ca: caCertificate };
  return sslMode === "verify-ca" ? { ...ca, checkServerIdentity: () => undefined } : ca;
}

/** SQLSTATEs that tell what to do. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const STATES: Readonly<Record<string, readonly [VendorFault["kind"], string?]>> = {
  "3D000": ["not-found"],
  "28P01": [
    "refused",
    "The administrator's password is another one now: bring it into the stack, by a refresh of the server.",
  ],
  "28000": [
    "refused",
    "Let this machine's address in by the server's firewall, and connect with TLS.",
  ],
  "42501": [
    "refused",
    "Give the server's administrator that right, or leave out of the declaration what needs it.",
  ],
  "57P03": ["unavailable"],
  "53300": ["unavailable"],
  "57P01": ["lost"],
};

const NEVER_CONNECTED: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

function postgresFault(error: unknown, { host, port }: ServerInputs): unknown {
  if (error instanceof VendorFault || !(error instanceof Error)) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const options = { ...(code === undefined ? {} : { code }) };
  if ("severity" in error && code !== undefined) {
    const [kind, remedy] = STATES[code] ?? ["refused"];
    return new VendorFault(kind, error.message, {
      ...options,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
  if (/certificate|self.signed|altnames/i.test(error.message))
    return new VendorFault("refused", `${host}:${port} cannot be trusted: ${error.message}`, {
      ...options,
      remedy: "Give the authority that signed its certificate as caCertificate.",
    });
  const kind = code !== undefined && NEVER_CONNECTED.has(code) ? "unavailable" : "lost";
  return new VendorFault(kind, `${host}:${port} does not answer`, {
    ...options,
    remedy:
      "Check that the server runs and that its firewall lets this machine in; a database in a private network needs a machine there.",
  });
}
