import { claimedSigner } from "./s3/signature.ts";

/** Answers requests. */
export interface Handler {
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/** An object storage, which knows the buckets that anybody may ask for. */
export interface BucketHandler extends Handler {
  readonly hasBucket: (name: string) => boolean;
}

/** Everything that is signed by Signature Version 4, which shares one port. */
export interface SignedServices {
  readonly r2: Handler;
  readonly spaces: BucketHandler;
  readonly s3: BucketHandler;
  /** All of AWS but S3. */
  readonly aws: Handler;
}

/**
 * Hands each request to its vendor: what is signed by its access key's id (`DO00…` is Spaces', `AKIA…` AWS's,
 * any other R2's) and the service that it is signed for, the rest by the bucket in its path.
 */
export function signedFront(services: SignedServices): (request: Request) => Promise<Response> {
  return async (request) => handlerOf(services, request).fetch(request);
}

function handlerOf({ r2, spaces, s3, aws }: SignedServices, request: Request): Handler {
  const url = new URL(request.url);
  const signer = claimedSigner(request, url);
  if (signer === undefined) {
    const [, bucket = ""] = url.pathname.split("/");
    return [s3, spaces].find((storage) => storage.hasBucket(bucket)) ?? r2;
  }
  if (signer.accessKeyId.startsWith("DO00")) return spaces;
  if (!signer.accessKeyId.startsWith("AKIA")) return r2;
  return signer.service === "s3" ? s3 : aws;
}
