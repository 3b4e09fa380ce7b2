import { Hono } from "hono";
import { bucketsNamed } from "../cloudflare/r2/buckets.ts";
import { R2Error } from "../cloudflare/r2/errors.ts";
import type { CloudContext } from "../cloudflare/service.ts";
import { authenticate } from "./authentication.ts";
import {
  createOneBucket,
  deleteCors,
  deleteObjects,
  deleteOneBucket,
  getCors,
  getLocation,
  listAllBuckets,
  putCors,
} from "./bucket-operations.ts";
import { corsHeaders, corsQuestion } from "./cors.ts";
import { errorResponse, invalidArgument, S3Error, s3Error } from "./errors.ts";
import { forwardToRuntime } from "./object-operations.ts";
import type { Operation } from "./operation.ts";
import { payloadOf } from "./payload.ts";

/** Operations on a bucket by method and the parameter that names them; all others are the runtime's. */
const BUCKET_OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET location": getLocation,
  "GET cors": getCors,
  "PUT cors": putCors,
  "DELETE cors": deleteCors,
  "POST delete": deleteObjects,
  "PUT ": createOneBucket,
  "DELETE ": deleteOneBucket,
};

/** Parameters that say nothing about the operation: the SDK's name for it, and those of presigning. */
const isNeutral = (parameter: string): boolean => /^(x-id$|x-amz-)/i.test(parameter);

/**
 * R2's S3 API, path-style (`/<bucket>/<key>`), for the account of the key that signed the request.
 * Differs from the vendor's: one endpoint serves all accounts; ListParts, ListMultipartUploads and
 * lifecycle configurations are refused as not implemented; a checksum is verified but not kept.
 * @see https://developers.cloudflare.com/r2/api/s3/api/
 */
export function s3Api(cloud: CloudContext, log: (line: string) => void): Hono {
  const api = new Hono();
  api.all("*", async ({ req }) => {
    const request = req.raw;
    const answer = await handle(cloud, request, log);
    return withCors(cloud, request, answer);
  });
  return api;
}

async function handle(
  cloud: CloudContext,
  request: Request,
  log: (line: string) => void,
): Promise<Response> {
  try {
    if (request.method === "OPTIONS") return preflight(cloud, request);
    return await perform(cloud, request);
  } catch (error) {
    if (error instanceof R2Error || error instanceof S3Error) return errorResponse(error);
    log(`S3 ${request.method} ${new URL(request.url).pathname} failed: ${causesOf(error)}`);
    return errorResponse(
      s3Error(500, "InternalError", "We encountered an internal error. Please try again."),
    );
  }
}

async function perform(cloud: CloudContext, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const caller = await authenticate(cloud, request, url);
  const payload = await payloadOf(request, caller);
  const query = Object.fromEntries([...url.searchParams].filter(([name]) => !isNeutral(name)));
  const { bucket, key } = targetOf(url);
  const operation = operationFor(request.method, bucket, key, query);
  try {
    return await operation({ cloud, caller, request, url, bucket, key, query, payload });
  } catch (error) {
    throw payload.failure() ?? error;
  }
}

function operationFor(
  method: string,
  bucket: string,
  key: string,
  query: Readonly<Record<string, string>>,
): Operation {
  if (bucket === "") {
    if (method !== "GET") throw s3Error(404, "RouteNotFound", "No route matches this url.");
    return listAllBuckets;
  }
  if (key !== "") return forwardToRuntime;
  const [parameter = ""] = Object.keys(query);
  return BUCKET_OPERATIONS[`${method} ${parameter}`] ?? forwardToRuntime;
}

/** The bucket and the key of a path `/<bucket>/<key>`. */
function targetOf(url: URL): { bucket: string; key: string } {
  const [, bucket = "", ...key] = url.pathname.split("/");
  try {
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key.join("/")) };
  } catch {
    throw invalidArgument("The path is not valid URL encoding.");
  }
}

/** A browser asks without a signature, so the bucket's name alone says which rules hold. */
function preflight(cloud: CloudContext, request: Request): Response {
  const question = corsQuestion(request);
  const rules = rulesFor(cloud, new URL(request.url));
  if (question === undefined || corsHeaders(rules, question) === undefined) {
    throw s3Error(
      403,
      "AccessForbidden",
      "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method or Access-Control-Request-Headers is not whitelisted by the resource's CORS spec.",
    );
  }
  return new Response(null, { status: 204 });
}

function withCors(cloud: CloudContext, request: Request, answer: Response): Response {
  const question = corsQuestion(request);
  if (question === undefined) return answer;
  const allowed = corsHeaders(rulesFor(cloud, new URL(request.url)), question) ?? {};
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(allowed)) headers.set(name, value);
  return new Response(answer.body, { status: answer.status, headers });
}

/** Of two environments' buckets with one name, neither's rules are taken: it cannot be told which is meant. */
function rulesFor(cloud: CloudContext, url: URL) {
  const [bucket, ...others] = bucketsNamed(cloud, url.pathname.split("/")[1] ?? "");
  return others.length > 0 ? [] : (bucket?.body.cors ?? []);
}

function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (cause: ${causesOf(error.cause)})`;
  return `${error.stack ?? error.message}${cause}`;
}
