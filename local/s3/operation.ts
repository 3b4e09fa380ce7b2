import type { CloudContext } from "../cloudflare/service.ts";
import type { Caller } from "./authentication.ts";
import type { Payload } from "./payload.ts";

/** A request whose signature is verified, taken apart. */
export interface S3Request {
  readonly cloud: CloudContext;
  readonly caller: Caller;
  readonly request: Request;
  readonly url: URL;
  /** Empty for the account itself. */
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  /** The query, without what presigning adds. */
  readonly query: Readonly<Record<string, string>>;
  readonly payload: Payload;
}

export type Operation = (request: S3Request) => Promise<Response>;

/** An answer with an XML document. */
export const xmlResponse = (document: string, status = 200): Response =>
  new Response(document, { status, headers: { "content-type": "application/xml" } });
