import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { HyperdriveSpec } from "./account-spec.ts";
import { ConnectionSlots } from "./connection-slots.ts";
import { connectToOrigin } from "./origin-connection.ts";

/** How long a Worker waits for a connection, as at the vendor. */
const PATIENCE_MS = 15_000;
/** What Hyperdrive's own errors have for a code. */
const SYSTEM_ERROR = "58000";

/**
 * One Hyperdrive configuration's way to its database: a loopback port without TLS for the runtime, and
 * for each connection to it one over verified TLS to the database. Bytes pass unread.
 * @see https://developers.cloudflare.com/hyperdrive/observability/troubleshooting/#connection-errors
 */
export class DatabaseProxy {
  readonly port: number;
  private spec: HyperdriveSpec;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly slots: ConnectionSlots;
  private readonly log: (line: string) => void;

  private constructor(server: Server, spec: HyperdriveSpec, log: (line: string) => void) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    this.spec = spec;
    this.slots = new ConnectionSlots(spec.connectionLimit);
    this.log = log;
    server.on("connection", (socket) => void this.serve(socket));
  }

  static async open(spec: HyperdriveSpec, log: (line: string) => void): Promise<DatabaseProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return new DatabaseProxy(server, spec, log);
  }

  /** From now on connections go where this says. */
  follow(spec: HyperdriveSpec): void {
    this.spec = spec;
    this.slots.limit = spec.connectionLimit;
  }

  /** Ends it with every connection. */
  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private async serve(client: Socket): Promise<void> {
    this.keep(client);
    const release = await this.slots.take(PATIENCE_MS);
    if (release === undefined) {
      refuse(client, "Failed to acquire a connection from the pool.");
      return;
    }
    try {
      const origin = await connectToOrigin(this.spec);
      this.keep(origin);
      origin.once("close", () => {
        release();
        client.destroySoon();
      });
      client.once("close", () => origin.destroySoon());
      if (client.destroyed) origin.destroy();
      else client.pipe(origin).pipe(client);
    } catch (error) {
      release();
      const reason = error instanceof Error ? error.message : String(error);
      const { id, origin } = this.spec;
      this.log(`Hyperdrive ${id} cannot reach ${origin.host}:${origin.port}: ${reason}`);
      refuse(client, `Server connection attempt failed: ${reason}`);
    }
  }

  /** Its errors are followed by its close, which is what counts. */
  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.sockets.delete(socket));
  }
}

/** Answers a PostgreSQL client with an ErrorResponse, and hangs up. */
function refuse(client: Socket, message: string): void {
  const fields = { S: "FATAL", V: "FATAL", C: SYSTEM_ERROR, M: message };
  const body = Buffer.from(
    `${Object.entries(fields)
      .map(([type, text]) => `${type}${text}\0`)
      .join("")}\0`,
  );
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(body.length + 4, 1);
  // What the client has sent must be read, or the hanging up would cost it the answer.
  client.resume();
  client.end(Buffer.concat([head, body]));
}
