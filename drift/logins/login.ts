/** Logs in to a server with a user's password, as an application does, and tells a refusal from an outage. */
import type { ConnectionOptions } from "node:tls";
import { rootCertificates } from "node:tls";

export type ServerKind = "postgres" | "redis";

/** Which server is the right one. */
export interface Trust {
  /** As libpq names it; `require` encrypts, and trusts whoever answers. */
  readonly mode: "require" | "verify-ca" | "verify-full";
  /** PEM of the authorities that may have signed its certificate; the public ones where absent. */
  readonly authorities?: string | undefined;
}

/** A user of a server. */
export interface Login {
  readonly kind: ServerKind;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** A database's name, or the number of a Redis database. */
  readonly database: string;
}

const SCHEMES: Readonly<Record<string, ServerKind>> = {
  "postgresql:": "postgres",
  "postgres:": "postgres",
  "rediss:": "redis",
};

/** Where a URL names none. */
const PORTS: Readonly<Record<ServerKind, number>> = { postgres: 5432, redis: 6379 };

const TIMEOUT_MILLISECONDS = 10_000;

/** The login of a connection URL; undefined for a text that is none. */
export function loginOfUrl(text: string): Login | undefined {
  const kind = SCHEMES[/^[a-z]+:/.exec(text)?.[0] ?? ""];
  if (kind === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(
    decoded,
  );
  if (user === undefined || password === undefined || database === undefined) return undefined;
  return {
    kind,
    host: url.hostname,
    port: Number(url.port || PORTS[kind]),
    user,
    password,
    database,
  };
}

/** Undefined where a percent sign stands for nothing: no client would take such a URL. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/**
 * Logs in, and out again.
 *
 * @throws the client's own error; {@link isRefusal} tells whether the server has refused the user.
 */
export const logIn = (login: Login, trust: Trust): Promise<void> =>
  login.kind === "postgres" ? toPostgres(login, trust) : toRedis(login, trust);

/** Servers say differently that a user is not known, has another password or may not log in. */
const REFUSALS: Readonly<Record<ServerKind, RegExp>> = {
  postgres: /password authentication failed|no such user|SASL|is not permitted to log in/i,
  redis: /WRONGPASS/,
};

/** Whether a server has refused the user or the password; else it is away, or not the right one. */
export const isRefusal = (kind: ServerKind, message: string): boolean =>
  REFUSALS[kind].test(message);

async function toPostgres(
  { host, port, user, password, database }: Login,
  trust: Trust,
): Promise<void> {
  const { Client } = await import("pg");
  const client = new Client({
    host,
    port,
    database,
    user,
    password,
    connectionTimeoutMillis: TIMEOUT_MILLISECONDS,
    // A pool lets a client in, and may have no connection for its question.
    query_timeout: TIMEOUT_MILLISECONDS,
    ssl: tlsOptions(trust),
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
  } finally {
    await client.end().catch(() => undefined);
  }
}

const toRedis = (login: Login, trust: Trust): Promise<void> =>
  onRedis(login, trust, async (client) => {
    await client.ping();
  });

/** What is asked of a Redis server here. */
export interface RedisSession {
  ping(): Promise<unknown>;
  sendCommand(words: readonly string[]): Promise<unknown>;
}

/** Runs `work` on a Redis server over TLS. */
export async function onRedis<R>(
  { host, port, user, password, database }: Login,
  trust: Trust,
  work: (client: RedisSession) => Promise<R>,
): Promise<R> {
  // Hundreds of modules, which whoever does not log in would wait for.
  const { createClient } = await import("redis");
  const client = createClient({
    username: user,
    password,
    database: Number(database || 0),
    socket: {
      host,
      port,
      tls: true,
      ...tlsOptions(trust),
      reconnectStrategy: false,
      connectTimeout: TIMEOUT_MILLISECONDS,
      socketTimeout: TIMEOUT_MILLISECONDS,
    },
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work({
      ping: () => client.ping(),
      sendCommand: (words) => client.sendCommand([...words]),
    });
  } finally {
    client.destroy();
  }
}

/** @see https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION */
function tlsOptions({ mode, authorities }: Trust): ConnectionOptions {
  if (mode === "require") return { rejectUnauthorized: false };
  const ca = authorities === undefined ? [...rootCertificates] : authorities;
  return mode === "verify-ca" ? { ca, checkServerIdentity: () => undefined } : { ca };
}
