import type { AccessKeys } from "../access-keys.ts";
import { invalidArgument, s3Error } from "../s3/errors.ts";
import { payloadOf } from "../s3/payload.ts";
import { type Caller, isAllowed } from "./access.ts";
import { authenticate } from "./authentication.ts";
import { createBucket, listBuckets } from "./bucket-operations.ts";
import type { Bucket } from "./buckets.ts";
import { accessDenied, noSuchBucket, notImplemented } from "./errors.ts";
import { refuseUnserved } from "./object-headers.ts";
import type { AccountRequest, Route, Storage } from "./operation.ts";
import { operationName, routeOf } from "./routes.ts";

/** In UTF-8. */
const MAX_KEY_BYTES = 1024;

/** What an object's own list may allow. */
const READS_OBJECT = ["s3:GetObject", "s3:GetObjectVersion"];

/** What a request asks, once it is known who asks, what it is about, and that the caller may. Throws the refusal. */
export async function perform(
  storage: Storage,
  keys: AccessKeys,
  request: Request,
): Promise<Response> {
  const url = new URL(request.url);
  const caller = await authenticate(keys, storage.dialect, request, url);
  const target = targetOf(url);
  const asked: AccountRequest = {
    storage,
    caller,
    request,
    url,
    query: url.searchParams,
    payload: (checksumsOf) => payloadOf(request, caller.proof, checksumsOf),
  };
  const { method } = request;
  const name = operationName(url.searchParams, method, target.key !== "");
  if (target.bucket === "") {
    if (method === "GET" && name === "") return listBuckets(asked);
    throw methodNotAllowed();
  }
  if (target.key === "" && method === "PUT" && name === "") {
    return createBucket(asked, target.bucket);
  }

  const route = routeOf(request, name, target.key === "" ? "bucket" : "object");
  const bucket = storage.buckets.find(target.bucket);
  if (bucket === undefined) throw noSuchBucket(target.bucket);
  refuseOtherRegion(asked, bucket, name);
  const owner = request.headers.get("x-amz-expected-bucket-owner");
  if (owner !== null && owner !== bucket.body.accountId) throw accessDenied();
  const isUnserved = storage.dialect.unserved.has(name);
  if (route === undefined || isUnserved) throw unserved(caller, bucket, method, name);
  refuseForbidden(asked, route, bucket, target.key);
  if (method !== "GET" && method !== "HEAD") refuseUnserved(request.headers, storage.dialect);
  return route.perform({ ...asked, bucket, key: target.key });
}

/** The bucket and the key of a path `/<bucket>/<key>`. */
function targetOf({ pathname }: URL): { bucket: string; key: string } {
  const [, bucket = "", ...rest] = pathname.split("/");
  let key: string;
  try {
    key = decodeURIComponent(rest.join("/"));
  } catch {
    throw s3Error(400, "InvalidURI", "Couldn't parse the specified URI.");
  }
  if (key.includes("\0")) throw invalidArgument("A key with the character NUL is not served.");
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw s3Error(400, "KeyTooLongError", "Your key is too long", {
      details: { MaxSizeAllowed: String(MAX_KEY_BYTES) },
    });
  }
  return { bucket: decodeName(bucket), key };
}

/** A bucket's name is never encoded, so that what is not valid is just no bucket's name. */
function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The region of the signature stands for the vendor's endpoint there. Whoever does not know where a bucket is
 * can ask that, and is told with each refusal.
 */
function refuseOtherRegion(
  { storage, caller }: AccountRequest,
  bucket: Bucket,
  name: string,
): void {
  const signed = caller.proof?.signature.region;
  const { region } = bucket.body;
  if (!storage.dialect.isRegionSigned || signed === undefined || name === "location") return;
  if (signed === region) return;
  throw s3Error(
    301,
    "PermanentRedirect",
    "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
    {
      details: { Bucket: bucket.name, Endpoint: `s3.${region}.amazonaws.com` },
      headers: { "x-amz-bucket-region": region },
    },
  );
}

function refuseForbidden(
  { storage, caller, query }: AccountRequest,
  route: Route,
  bucket: Bucket,
  key: string,
): void {
  const versionId = query.get("versionId");
  const action = versionId === null ? route.action : (route.versionAction ?? route.action);
  if (action === undefined) return;
  const question = { caller, bucket, right: route.right, action, ...(key === "" ? {} : { key }) };
  if (isAllowed(question)) return;
  if (key === "" || !READS_OBJECT.includes(action)) throw accessDenied();

  const version =
    versionId === null
      ? storage.index.latest(bucket.id, key)
      : storage.index.version(bucket.id, key, versionId);
  const isAllowedByItsAcl =
    version === undefined
      ? // Whoever may see that there is no such object is told so.
        isAllowed({ caller, bucket, right: "read", action: "s3:ListBucket" })
      : isAllowed({ ...question, objectAcl: version.content.acl });
  if (!isAllowedByItsAcl) throw accessDenied();
}

/** Of what is not served, only the bucket's own account is told. */
function unserved(caller: Caller, bucket: Bucket, method: string, name: string) {
  if (caller.accountId !== bucket.body.accountId) return accessDenied();
  return name === "" ? methodNotAllowed() : notImplemented(`${method} with the parameter ${name}`);
}

const methodNotAllowed = () =>
  s3Error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
