import { request as httpRequest } from "node:http";
import type { TestCloud, TestEnvironment } from "./local-cloud.ts";

/** A Worker's code that answers with an expression's value as JSON. */
export const replying = (expression: string) =>
  `export default { async fetch(request, env) { return Response.json(${expression}) } }`;

/** A script's upload as a form, its one module named `index.js`. */
export function scriptForm(code: string, metadata: object = {}): FormData {
  const form = new FormData();
  const all = { main_module: "index.js", compatibility_date: "2025-06-01", ...metadata };
  form.set("metadata", JSON.stringify(all));
  form.set("index.js", new File([code], "index.js", { type: "application/javascript+module" }));
  return form;
}

/**
 * By the client's general method: version 7 of its own method for this sends a form that the vendor refuses.
 * @see https://github.com/cloudflare/cloudflare-typescript/issues/2799
 */
export async function putWorker(
  { client, accountId }: TestEnvironment,
  name: string,
  code: string,
  metadata: object = {},
): Promise<void> {
  const body = scriptForm(code, metadata);
  await client.put(`/accounts/${accountId}/workers/scripts/${name}`, { body });
}

/** Puts a Worker and opens its workers.dev address, which is the answer. */
export async function serveWorker(
  environment: TestEnvironment,
  name: string,
  code: string,
  metadata: object = {},
): Promise<string> {
  const { client, accountId, workersSubdomain } = environment;
  await putWorker(environment, name, code, metadata);
  await client.workers.scripts.subdomain.create(name, { account_id: accountId, enabled: true });
  return `${name}.${workersSubdomain}.workers.dev`;
}

export interface Exchange {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: NodeJS.Dict<string | string[]>;
  /** As sent, nothing decoded. */
  readonly body: Buffer;
}

/** One request to a Worker by its public host name, the answer's bytes untouched. */
export function exchange(
  { apiUrl }: Pick<TestCloud, "apiUrl">,
  host: string,
  path = "/",
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Exchange> {
  const { method = "GET", headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      apiUrl,
      { method, path, headers: { ...headers, host } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
