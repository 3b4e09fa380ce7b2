import type { AccessKeys } from "../access-keys.ts";
import { S3Error, s3Error } from "../s3/errors.ts";
import {
  claimedSigner,
  prove,
  type RequestSignature,
  readSignature,
  type SigningScope,
} from "../s3/signature.ts";
import type { Caller } from "./access.ts";
import type { Dialect } from "./dialect.ts";
import { accessDenied, notImplemented } from "./errors.ts";

const ANONYMOUS: Caller = { accountId: undefined, grants: undefined, proof: undefined };

/** Who makes the request, by Signature Version 4; nobody in particular when it is not signed. */
export async function authenticate(
  keys: AccessKeys,
  dialect: Dialect,
  request: Request,
  url: URL,
): Promise<Caller> {
  if (claimedSigner(request, url) === undefined) {
    if (!isSigned(request, url)) return ANONYMOUS;
    throw notImplemented("A signature of another version than 4");
  }
  const signature = signatureOf(dialect, request, url);
  const key = keys.find(signature.accessKeyId);
  if (key?.body.vendor !== dialect.vendor) {
    throw s3Error(
      403,
      "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records.",
      { details: { AWSAccessKeyId: signature.accessKeyId } },
    );
  }
  return {
    accountId: key.body.accountId,
    grants: dialect.vendor === "aws" ? undefined : key.body.grants,
    proof: await prove(request, url, signature, keys.secretOf(key)),
  };
}

/** Whether the request claims to be signed at all; Version 2 does it by other parameters. */
const isSigned = (request: Request, { searchParams }: URL): boolean =>
  request.headers.has("authorization") || searchParams.has("AWSAccessKeyId");

function signatureOf(dialect: Dialect, request: Request, url: URL): RequestSignature {
  const refuseScope = ({ service, region }: SigningScope) => {
    if (service !== "s3") {
      throw malformedHeader(`incorrect service "${service}". This endpoint belongs to "s3".`);
    }
    if (dialect.isRegionSigned && !dialect.regions.includes(region)) {
      throw malformedHeader(
        `the region '${region}' is wrong; expecting '${dialect.defaultRegion}'`,
      );
    }
  };
  try {
    return readSignature(request, url, new Date(), refuseScope);
  } catch (error) {
    // Both vendors have no name of its own for this.
    if (error instanceof S3Error && error.s3Code === "ExpiredRequest") {
      throw accessDenied(error.message);
    }
    throw error;
  }
}

const malformedHeader = (message: string): S3Error =>
  s3Error(400, "AuthorizationHeaderMalformed", `The authorization header is malformed; ${message}`);
