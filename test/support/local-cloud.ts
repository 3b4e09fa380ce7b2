import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Cloudflare from "cloudflare";
import { type CloudServer, startCloudServer } from "../../local/cloud.ts";
import type { IssuedEnvironment } from "../../local/cloudflare/accounts.ts";

/** One environment of a test's cloud with the vendor's own client for it. */
export interface TestEnvironment extends IssuedEnvironment {
  readonly client: Cloudflare;
}

export interface TestCloud extends CloudServer {
  readonly dataDir: string;
  readonly logLines: string[];
  readonly environment: (name: string) => TestEnvironment;
  /** Sends a request to a Worker by its public host name, as the vendor's edge would. */
  readonly visit: (
    hostname: string,
    path: string,
    options?: VisitOptions,
  ) => Promise<{ status: number; body: string }>;
  /** Stops the cloud and starts it again on the same data. */
  readonly restart: () => Promise<TestCloud>;
}

export interface VisitOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** A local cloud in this process, on free ports, with its data in a folder of its own. */
export async function startTestCloud(
  dataDir = mkdtempSync(join(tmpdir(), "bulkhead-cloud-")),
): Promise<TestCloud> {
  const logLines: string[] = [];
  const server = await startCloudServer({
    dataDir,
    port: 0,
    s3Port: 0,
    adminToken: "test-admin",
    log: (line) => logLines.push(line),
  });
  return {
    ...server,
    dataDir,
    logLines,
    environment: (name) => {
      const issued = server.issueEnvironment(name);
      return { ...issued, client: clientFor(server, issued.apiToken) };
    },
    visit: (hostname, path, options) => visit(server.apiUrl, hostname, path, options),
    restart: async () => {
      await server.close();
      return startTestCloud(dataDir);
    },
    close: async () => {
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export const clientFor = (server: Pick<CloudServer, "apiUrl">, apiToken: string): Cloudflare =>
  new Cloudflare({ apiToken, baseURL: `${server.apiUrl}/client/v4`, maxRetries: 0 });

/** `fetch` cannot set the Host header, which is what Workers are told apart by. */
export function visit(
  apiUrl: string,
  hostname: string,
  path: string,
  { method = "GET", headers = {}, body }: VisitOptions = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${apiUrl}${path}`,
      { method, headers: { ...headers, host: hostname } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** Status and first error code of what the vendor's client threw, or of nothing. */
export async function refusalOf(
  call: PromiseLike<unknown>,
): Promise<{ status: number | undefined; code: number | undefined; message: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Cloudflare.APIError) {
      const [first] = error.errors;
      return { status: error.status, code: first?.code, message: first?.message ?? "" };
    }
    throw error;
  }
  throw new Error("The call was expected to be refused, but it succeeded.");
}
