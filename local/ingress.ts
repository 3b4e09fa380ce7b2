import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { CloudContext } from "./cloudflare/service.ts";
import { workerForHost } from "./cloudflare/workers/hosts.ts";
import { LockTimeoutError } from "./runtime/read-write-lock.ts";
import { proxyToWorker } from "./runtime/worker-proxy.ts";

const API_HOSTS = new Set(["127.0.0.1", "localhost", "[::1]"]);
/** The vendor keeps these paths for itself too; here the runtime would answer some with buckets' objects. */
const RESERVED_PATH = "/cdn-cgi/";

/** Whether a request is for the API: by an address, where Workers are reached by their names. */
export function isApiRequest(incoming: IncomingMessage): boolean {
  const url = requestUrl(incoming);
  // What is not a URL at all is the API's to refuse.
  return url === undefined || API_HOSTS.has(url.hostname);
}

/** Hands each request to the Worker that its Host header names, under the URL that it has at the vendor. */
export function ingress(cloud: CloudContext, log: (line: string) => void): RequestListener {
  return async (incoming, outgoing) => {
    const url = requestUrl(incoming);
    const target = url && workerForHost(cloud, url.hostname, url.pathname);
    if (url === undefined || target === undefined) {
      return answer(
        outgoing,
        404,
        `There is no Worker at ${url?.hostname}. \`npx bulkhead outputs STACK\` lists the URLs of a stack.`,
      );
    }
    if (url.pathname.startsWith(RESERVED_PATH)) {
      outgoing.writeHead(404).end();
      return;
    }
    const publicUrl = new URL(`https://${target.hostname}${url.pathname}${url.search}`);
    const { accountId, script: worker } = target;
    const logged = (line: string) => log(`[account ${accountId}] ${line}`);
    try {
      await cloud.runtimes
        .of(accountId)
        .worker(worker, (entry, onStreaming) =>
          proxyToWorker(
            entry,
            { worker, publicUrl, incoming, outgoing },
            { onStreaming, log: logged },
          ),
        );
    } catch (error) {
      if (outgoing.closed) return;
      logged(`A request to the Worker ${worker} failed: ${String(error)}`);
      answer(outgoing, ...explained(error));
    }
  };
}

function explained(error: unknown): [status: number, message: string] {
  if (error instanceof LockTimeoutError) {
    return [503, "The Worker's runtime is waiting for requests under way to end. Try again."];
  }
  return [
    502,
    "The Worker's runtime did not answer. `npx bulkhead local logs` shows the cause; `npx bulkhead local reset` starts afresh.",
  ];
}

function answer(outgoing: ServerResponse, status: number, message: string): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  outgoing.end(`${message}\n`);
}

/** The request's URL, by its absolute target or by its Host header; its path is normalised. */
function requestUrl({ url: target = "", headers }: IncomingMessage): URL | undefined {
  const url = target.startsWith("/") ? `http://${headers.host ?? "localhost"}${target}` : target;
  return URL.canParse(url) ? new URL(url) : undefined;
}
