import { Socket } from "node:net";
import { checkServerIdentity } from "node:tls";
import pg from "pg";
import { createClient, type RedisClientType } from "redis";
import { onTestFinished } from "vitest";

/** Who logs in where. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The authority that must have signed the server's certificate; without one there is no TLS. */
  readonly certificate: string | undefined;
  readonly database?: string;
  /** Where the connection comes from. */
  readonly localAddress?: string;
}

/** A connection with the server's certificate and name checked, which ends with the test. */
export async function connectPostgres(login: Login): Promise<pg.Client> {
  const { host, port, user, password, certificate, database = "postgres", localAddress } = login;
  const client = new pg.Client({
    host,
    port,
    user,
    password,
    database,
    connectionTimeoutMillis: 5_000,
    ssl: certificate !== undefined && {
      ca: certificate,
      checkServerIdentity: (_host, presented) => checkServerIdentity(host, presented),
    },
    ...(localAddress === undefined ? {} : { stream: () => socketFrom(localAddress) }),
  });
  client.on("error", () => undefined);
  onTestFinished(() => client.end().catch(() => undefined));
  await client.connect();
  return client;
}

/** The client connects its socket itself, by port and host; this one goes out from the given address. */
function socketFrom(localAddress: string): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket);
  const value = (port: number, host: string) => connect({ port, host, localAddress });
  return Object.defineProperty(socket, "connect", { value });
}

/** A connection as an ACL user with the server's certificate and name checked, which ends with the test. */
export async function connectRedis(login: Login): Promise<RedisClientType> {
  const { host, port, user, password, certificate } = login;
  const client: RedisClientType = createClient({
    username: user,
    password,
    disableOfflineQueue: true,
    socket: {
      host,
      port,
      connectTimeout: 5_000,
      reconnectStrategy: false,
      ...(certificate === undefined
        ? {}
        : {
            tls: true,
            ca: certificate,
            checkServerIdentity: (_host, presented) => checkServerIdentity(host, presented),
          }),
    },
  });
  client.on("error", () => undefined);
  onTestFinished(() => {
    if (client.isOpen) client.destroy();
  });
  await client.connect();
  return client;
}
