import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { HOP_BY_HOP, headerPairs } from "./http-headers.ts";
import { EXCEPTION_HEADER, WORKER_HEADER } from "./ingress-worker.ts";
import { INGRESS_WORKER } from "./miniflare-options.ts";

/** One request to a Worker under the URL that it has at the vendor. */
export interface WorkerRequest {
  readonly worker: string;
  readonly publicUrl: URL;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

export interface ProxyHooks {
  /** What is left is a stream that may be cut. */
  readonly onStreaming: () => void;
  readonly log: (line: string) => void;
}

/** What a client must not set: the runtime's own headers, and those in which the vendor's edge vouches for the caller. */
const RESERVED_HEADER = /^(mf-.*|bulkhead-.*|cf-connecting-ip|cf-ray|x-real-ip|host|expect)$/;

/**
 * Passes a request on to the runtime at `entry` and its answer back: bytes, headers, redirects and
 * the end of either side as they are. Throws, with nothing answered yet, when the runtime gives no answer.
 * An exception of the Worker is answered as the vendor does, and its stack goes to the log.
 * @see https://developers.cloudflare.com/workers/observability/errors/#error-pages-generated-by-workers
 */
export async function proxyToWorker(
  entry: URL,
  { worker, publicUrl, incoming, outgoing }: WorkerRequest,
  { onStreaming, log }: ProxyHooks,
): Promise<void> {
  if (incoming.socket.destroyed) return;
  const request = httpRequest(entry, {
    method: incoming.method,
    path: `${publicUrl.pathname}${publicUrl.search}`,
    headers: requestHeaders(worker, publicUrl, incoming),
    agent: false,
  });
  outgoing.once("close", () => request.destroy());
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve).on("error", reject);
    request.once("upgrade", (response, socket, head) => {
      switchProtocols(incoming.socket, response, socket, head);
      onStreaming();
      socket.once("close", () => resolve(response));
    });
  });
  // An upgrade's bytes are no body: they belong to the connection.
  if (incoming.headers.upgrade === undefined) incoming.pipe(request);
  else request.end();
  const response = await answered;
  if (response.statusCode === 101) return;

  if (response.headers[EXCEPTION_HEADER] !== undefined) {
    log(`The Worker ${worker} threw an exception: ${await text(response)}`);
    outgoing.writeHead(500, { "content-type": "text/plain; charset=UTF-8" });
    outgoing.end("error code: 1101");
    return;
  }
  if (incoming.complete) onStreaming();
  else incoming.once("end", onStreaming);
  outgoing.writeHead(response.statusCode ?? 502, response.statusMessage, responseHeaders(response));
  outgoing.flushHeaders();
  // Fails when either side ends early, and then both have ended.
  await pipeline(response, outgoing).catch(() => undefined);
}

function requestHeaders(worker: string, publicUrl: URL, incoming: IncomingMessage): string[] {
  const isUpgrade = incoming.headers.upgrade !== undefined;
  const isPassed = (name: string) =>
    !RESERVED_HEADER.test(name) &&
    // A body without a known length stays framed as it came.
    (!HOP_BY_HOP.has(name) ||
      name === "transfer-encoding" ||
      (isUpgrade && (name === "connection" || name === "upgrade")));
  return [
    ...headerPairs(incoming.rawHeaders).filter(([name]) => isPassed(name)),
    ["host", publicUrl.host],
    ["cf-connecting-ip", incoming.socket.remoteAddress ?? ""],
    ["mf-original-url", publicUrl.href],
    ["mf-route-override", INGRESS_WORKER],
    ["mf-disable-pretty-error", "true"],
    [WORKER_HEADER, worker],
  ].flat();
}

const responseHeaders = (response: IncomingMessage): string[] =>
  headerPairs(response.rawHeaders)
    .filter(([name]) => !HOP_BY_HOP.has(name))
    .flat();

/** Answers an upgrade as the Worker did, and joins both connections. */
function switchProtocols(
  client: Duplex,
  response: IncomingMessage,
  runtime: Duplex,
  head: Buffer,
): void {
  const headers = headerPairs(response.rawHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  client.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join("")}\r\n`);
  client.write(head);
  // Fails when either side ends early, and then both have ended.
  void pipeline(client, runtime, client).catch(() => undefined);
}
