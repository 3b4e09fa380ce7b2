import { createHash } from "node:crypto";
import { AccessKeys } from "../../access-keys.ts";
import { S3Error } from "../../s3/errors.ts";
import { readSignature, type SigningScope, verifySignature } from "../../s3/signature.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { type Caller, callerOf } from "../caller.ts";
import { regions } from "../regions.ts";
import { AwsError } from "./errors.ts";
import type { Protocol } from "./query.ts";

type Reason = "no signature" | "unusable" | "unknown key" | "wrong signature" | "out of time";

/** What each protocol's services call a refusal of the signature. */
const REFUSALS: Readonly<Record<Protocol, Readonly<Record<Reason, readonly [number, string]>>>> = {
  query: {
    "no signature": [403, "MissingAuthenticationToken"],
    unusable: [400, "IncompleteSignature"],
    "unknown key": [403, "InvalidClientTokenId"],
    "wrong signature": [403, "SignatureDoesNotMatch"],
    "out of time": [403, "SignatureDoesNotMatch"],
  },
  ec2: {
    "no signature": [400, "MissingParameter"],
    unusable: [401, "AuthFailure"],
    "unknown key": [401, "AuthFailure"],
    "wrong signature": [401, "AuthFailure"],
    "out of time": [400, "RequestExpired"],
  },
};

const MESSAGES: Readonly<Record<Exclude<Reason, "unusable">, string>> = {
  "no signature": "Request is missing Authentication Token",
  "unknown key": "The security token included in the request is invalid.",
  "wrong signature":
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
  "out of time":
    "Signature expired: the request's time differs by more than 15 minutes from the local cloud's.",
};

/**
 * Whom the request's header proves to have signed it for `service`. Presigned URLs are not for these services.
 * Throws the refusal that the services of `protocol` answer.
 */
export async function authenticate(
  cloud: VendorContext,
  { request, body }: { readonly request: Request; readonly body: Uint8Array },
  { name, protocol }: { readonly name: string; readonly protocol: Protocol },
): Promise<Caller> {
  const refused = (reason: Reason, message: string) =>
    new AwsError(...REFUSALS[protocol][reason], message);
  const refuse = (reason: keyof typeof MESSAGES) => refused(reason, MESSAGES[reason]);
  const refuseScope = ({ service, region }: SigningScope) => {
    if (service !== name) throw refused("unusable", `Credential should be scoped to ${name}.`);
    if (!regions.includes(region)) {
      throw refused("unusable", `The region ${region} is not one of ${regions.join(", ")}.`);
    }
  };

  if (!request.headers.has("authorization")) throw refuse("no signature");
  const url = new URL(request.url);
  try {
    const signature = readSignature(request, url, new Date(), refuseScope);
    const keys = new AccessKeys(cloud);
    const key = keys.find(signature.accessKeyId);
    if (key?.body.vendor !== "aws") throw refuse("unknown key");
    const told = signature.payload;
    if (told !== "" && told !== createHash("sha256").update(body).digest("hex")) {
      throw refuse("wrong signature");
    }
    await verifySignature(request, url, signature, keys.secretOf(key), body);
    return callerOf(cloud, key.body.accountId, signature.region);
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    if (error.s3Code === "SignatureDoesNotMatch") throw refuse("wrong signature");
    if (error.s3Code === "RequestTimeTooSkewed") throw refuse("out of time");
    throw refused("unusable", error.message);
  }
}
