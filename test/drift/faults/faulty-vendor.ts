/** A vendor's API with faults: what stands between one stack and the local cloud. */
import { once } from "node:events";
import { createServer, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the vendor does with a request, given how many came before it. */
export type Fault = (earlier: number) => { readonly status: number } | "pass" | "silent";

export interface FaultyVendor {
  /** The API's base URL, as a provider is configured with it. */
  readonly url: string;
  /** How many requests have come. */
  readonly asked: () => number;
  readonly close: () => void;
}

/**
 * @param cloud origin of the local cloud.
 * @param delayMs before each answer.
 */
export async function openFaultyVendor(
  cloud: string,
  fault: Fault,
  delayMs = 0,
): Promise<FaultyVendor> {
  let count = 0;
  const server = createServer((incoming, response) => {
    const decided = fault(count);
    count += 1;
    if (decided === "silent") return;
    setTimeout(() => {
      if (decided !== "pass") return refuse(response, decided.status);
      const { host: _, ...headers } = incoming.headers;
      const { method = "GET", url = "/" } = incoming;
      const outgoing = request(new URL(url, cloud), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      outgoing.on("error", () => response.destroy());
      incoming.pipe(outgoing);
    }, delayMs);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/client/v4`,
    asked: () => count,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** In Cloudflare's own shape. */
function refuse(response: ServerResponse, status: number): void {
  const words = status === 429 ? "Rate limited. Please wait." : "Internal error";
  response.writeHead(status, { "content-type": "application/json" });
  response.end(
    JSON.stringify({
      success: false,
      errors: [{ code: 10_000 + status, message: words }],
      messages: [],
      result: null,
    }),
  );
}
