import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { HyperdriveSpec } from "./account-spec.ts";
import { originTlsOptions } from "./origin-tls.ts";

/** PostgreSQL's message that asks for TLS: its length, 8, and the code 80877103. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const ACCEPTED = "S".charCodeAt(0);
/** How long a database may take to accept a connection. */
const CONNECT_MS = 10_000;

/**
 * A connection to the database that is past PostgreSQL's request for TLS and the handshake. Throws
 * when the database cannot be reached, has no TLS, or does not prove who it is.
 */
export async function connectToOrigin({
  origin,
  tls,
}: Pick<HyperdriveSpec, "origin" | "tls">): Promise<TLSSocket> {
  const { host, port } = origin;
  const signal = AbortSignal.timeout(CONNECT_MS);
  const socket = connectTcp({ host, port });
  try {
    await once(socket, "connect", { signal });
    socket.write(SSL_REQUEST);
    const answer = await firstChunk(socket, signal);
    // More than one byte would be plaintext that somebody put before the handshake.
    if (answer?.length !== 1 || answer[0] !== ACCEPTED) {
      throw new Error("the database does not support TLS");
    }
    const secure = connectTls({ ...originTlsOptions(origin, tls), socket });
    await once(secure, "secureConnect", { signal });
    return secure;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function firstChunk(socket: Socket, signal: AbortSignal): Promise<Buffer | undefined> {
  const [chunk] = await Promise.race([
    once(socket, "data", { signal }),
    once(socket, "end", { signal }),
  ]);
  socket.pause();
  return chunk;
}
