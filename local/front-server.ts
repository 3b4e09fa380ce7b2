import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { isApiRequest } from "./ingress.ts";

const isWebSocket = ({ headers }: IncomingMessage) =>
  headers.upgrade?.toLowerCase() === "websocket";

/** The types do not know this option yet: which requests for an upgrade reach `upgrade` listeners. */
const options: ServerOptions & {
  readonly shouldUpgradeCallback: (incoming: IncomingMessage) => boolean;
} = {
  // Clients also offer HTTP/2 this way, and are to be answered as if they had not.
  shouldUpgradeCallback: isWebSocket,
};

/** The server that the API and the Workers share; WebSockets are for Workers alone. */
export function frontServer(api: RequestListener, workers: RequestListener): Server {
  const server = createServer(options, (incoming, outgoing) =>
    (isApiRequest(incoming) ? api : workers)(incoming, outgoing),
  );
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    // A connection that breaks ends both of its halves; there is nobody left to tell.
    socket.on("error", () => socket.destroy());
    socket.unshift(head);
    const outgoing = new ServerResponse(incoming);
    outgoing.shouldKeepAlive = false;
    outgoing.assignSocket(socket);
    outgoing.once("finish", () => socket.end());
    if (isApiRequest(incoming)) {
      outgoing.writeHead(501, { "content-type": "text/plain; charset=utf-8" });
      outgoing.end("The API of the local cloud has no WebSockets.\n");
      return;
    }
    workers(incoming, outgoing);
  });
  return server;
}
