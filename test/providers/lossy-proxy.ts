import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A way to the vendor that can lose answers and go away. */
export interface LossyProxy {
  readonly url: string;
  /** Carries out the next request of this method and path ending, and drops its answer. */
  loseAnswerTo(method: string, path: string): void;
  /** Whether the proxy goes away together with the answer that it loses. */
  vanish: boolean;
  /** While false, every connection is cut. */
  reachable: boolean;
  /** What becomes of an answer's text on its way back. */
  rewrite: (answer: string, url: string) => string;
  close(): Promise<void>;
}

/** Starts a proxy in front of `target` on a free loopback port. */
export async function startLossyProxy(target: string): Promise<LossyProxy> {
  let lost: { method: string; path: string } | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      if (!proxy.reachable) return request.socket.destroy();
      const { method = "GET", url = "/" } = request;
      const headers = { ...(request.headers as Record<string, string>) };
      delete headers.host;
      delete headers.connection;
      delete headers["content-length"];
      delete headers["transfer-encoding"];
      const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
      const answer = await fetch(target + url, { method, headers, ...body });
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (lost && method === lost.method && url.endsWith(lost.path)) {
        lost = undefined;
        proxy.reachable = !proxy.vanish;
        return request.socket.destroy();
      }
      const type = answer.headers.get("content-type") ?? "application/json";
      const text = type.includes("json") ? proxy.rewrite(bytes.toString("utf8"), url) : bytes;
      response.writeHead(answer.status, { "content-type": type }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: LossyProxy = {
    url: `http://127.0.0.1:${port}`,
    loseAnswerTo: (method, path) => {
      lost = { method, path };
    },
    vanish: false,
    reachable: true,
    rewrite: (answer) => answer,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}
