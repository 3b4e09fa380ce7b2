import { X509Certificate } from "node:crypto";
import { checkServerIdentity } from "node:tls";
import type { Client } from "pg";
import type { Endpoint, KeyPair } from "../engines.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/** Who connects to which database of which server. */
export interface Login {
  readonly endpoint: Endpoint;
  readonly authority: KeyPair;
  /** PEM of the very certificate that the server shows, when it is not the authority's. */
  readonly certificate?: string | undefined;
  readonly database: string;
  readonly user: { readonly name: string; readonly password: string };
}

/** Runs `work` on a connection of its own, with the server's certificate and name checked. */
export async function withPostgresClient<R>(
  { endpoint: { host, port }, authority, certificate: given, database, user }: Login,
  work: (client: Client) => Promise<R>,
): Promise<R> {
  // Loading the library takes longer than starting the cloud, so it waits for the first need.
  const { Client } = (await import("pg")).default;
  const client = new Client({
    host,
    port,
    user: user.name,
    password: user.password,
    database,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ssl:
      given === undefined
        ? {
            ca: authority.certificate,
            checkServerIdentity: (_host, certificate) => checkServerIdentity(host, certificate),
          }
        : {
            // Who signed it is not known here, and its names are its owner's business.
            ca: given,
            allowPartialTrustChain: true,
            checkServerIdentity: (_host, { raw }) =>
              raw.equals(new X509Certificate(given).raw)
                ? undefined
                : new Error("The server shows another certificate than it was given."),
          },
  });
  // A server that ends while nobody waits for an answer; the next query tells.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
