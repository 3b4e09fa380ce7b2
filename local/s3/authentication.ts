import { findTokenById } from "../cloudflare/accounts.ts";
import type { CloudContext } from "../cloudflare/service.ts";
import { s3Error, unauthorized } from "./errors.ts";
import {
  equalInConstantTime,
  type RequestSignature,
  readSignature,
  signerFor,
  verifySignature,
} from "./signature.ts";

/** Who made a request, as its signature proves. */
export interface Caller {
  readonly accountId: string;
  readonly signature: RequestSignature;
  /** Whether `chunkSignature` is what the caller's secret makes of a chunk that follows `prior`. */
  readonly isChunkSignature: (
    chunk: Uint8Array,
    prior: string,
    chunkSignature: string,
  ) => Promise<boolean>;
}

/**
 * The caller, by Signature Version 4. The access key id is the id of an API token, the secret the
 * SHA-256 of its value, and the account is the token's.
 * @see https://developers.cloudflare.com/r2/api/tokens/#get-s3-api-credentials-from-an-api-token
 */
export async function authenticate(
  cloud: CloudContext,
  request: Request,
  url: URL,
): Promise<Caller> {
  const signature = readSignature(request, url, new Date());
  refuseUnsignedOrders(request.headers, signature);
  const token = findTokenById(cloud, signature.accessKeyId);
  if (token === undefined) throw unauthorized();
  const secret = cloud.vault.open(token.body.s3Secret);
  await verifySignature(request, url, signature, secret);

  const signer = signerFor(signature, secret);
  return {
    accountId: token.body.accountId,
    signature,
    async isChunkSignature(chunk, prior, chunkSignature) {
      // A chunk is signed as the library signs an event without headers.
      const expected = await signer.sign(
        { headers: new Uint8Array(), payload: chunk },
        { priorSignature: prior, signingDate: signature.date },
      );
      return equalInConstantTime(expected, chunkSignature);
    },
  };
}

/** Such headers change what a request does: a presigned PUT would copy any object by one of them. */
function refuseUnsignedOrders(headers: Headers, { signedHeaders }: RequestSignature): void {
  for (const name of headers.keys()) {
    const isOrder = name.startsWith("x-amz-") && name !== "x-amz-content-sha256";
    if (isOrder && !signedHeaders.includes(name)) {
      throw s3Error(
        403,
        "AccessDenied",
        `There were headers present in the request which were not signed: ${name}`,
      );
    }
  }
}
