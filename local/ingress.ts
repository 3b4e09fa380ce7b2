import type { CloudContext } from "./cloudflare/service.ts";
import { workerForHost } from "./cloudflare/workers/hosts.ts";

const API_HOSTS = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Whether a request is for the API: by an address, where Workers are reached by their names. */
export const isApiHost = (request: Request): boolean =>
  API_HOSTS.has(new URL(request.url).hostname);

/** Hands each request to the Worker that its Host header names, under the URL that it has at the vendor. */
export function ingress(cloud: CloudContext, log: (line: string) => void) {
  return async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const target = workerForHost(cloud, url.hostname, url.pathname);
    if (target === undefined) {
      return new Response(
        `There is no Worker at ${url.hostname}. \`npx bulkhead outputs STACK\` lists the URLs of a stack.\n`,
        { status: 404, headers: { "content-type": "text/plain; charset=utf-8" } },
      );
    }
    const publicUrl = new URL(`https://${target.hostname}${url.pathname}${url.search}`);
    try {
      return await cloud.runtimes
        .of(target.accountId)
        .fetch(target.script, new Request(publicUrl, request));
    } catch (error) {
      log(`Request to Worker ${target.script} failed: ${String(error)}`);
      return new Response("The Worker's runtime did not answer. Try again.\n", { status: 502 });
    }
  };
}
