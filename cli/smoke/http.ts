import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { UserError } from "../user-error.ts";

const TIMEOUT_MILLISECONDS = 30_000;

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly token?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly content?: Buffer;
}

/** Sends requests to one Worker. */
export type WorkerClient = (request: HttpRequest) => Promise<HttpAnswer>;

/**
 * A client for the Worker at a public URL. With an ingress (`http://127.0.0.1:PORT`) the request
 * goes there and names the Worker by its Host header, which `fetch` does not let a caller set.
 */
export function workerClient(publicUrl: string, ingress: string | undefined): WorkerClient {
  const target = new URL(ingress ?? publicUrl);
  const { host } = new URL(publicUrl);
  const send = target.protocol === "https:" ? requestHttps : requestHttp;
  return ({ method, path, token, json, content }) => {
    const body = json === undefined ? content : Buffer.from(JSON.stringify(json));
    const headers = {
      host,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...(body === undefined ? {} : { "content-length": body.length }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = send(new URL(path, target), {
        method,
        headers,
        timeout: TIMEOUT_MILLISECONDS,
      });
      outgoing.once("timeout", () =>
        outgoing.destroy(new Error(`no answer within ${TIMEOUT_MILLISECONDS / 1000} s`)),
      );
      outgoing.once("error", (cause) =>
        reject(
          new UserError(
            `${method} ${publicUrl}${path} failed: ${cause.message}.`,
            "Check that the cloud runs with `npx bulkhead local status`.",
            { cause },
          ),
        ),
      );
      outgoing.once("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const received = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, body: received, json: parseJson(received) });
        });
      });
      outgoing.end(body);
    });
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
