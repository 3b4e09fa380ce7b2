import { AccessKeys } from "../../access-keys.ts";
import { claimedSigner } from "../../s3/signature.ts";
import type { Handler } from "../../signed-front.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { callerOf } from "../caller.ts";
import { authenticate } from "../protocol/authentication.ts";
import { AwsError, refusal } from "../protocol/errors.ts";
import { DEFAULT_REGION, regions } from "../regions.ts";
import { recordCall } from "./events.ts";
import { lookupEvents, lookupSchema } from "./lookup.ts";

/** As the credential scope names it. */
export const CLOUDTRAIL = "cloudtrail";

const TARGET = /^(?:com\.amazonaws\.cloudtrail\.v20131101\.)?CloudTrail_20131101\.(\w+)$/;

/** What a protocol of JSON calls the refusals that the query protocols have other names for. */
const NAMES: Readonly<Record<string, string>> = {
  MissingAuthenticationToken: "MissingAuthenticationTokenException",
  InvalidClientTokenId: "UnrecognizedClientException",
  SignatureDoesNotMatch: "InvalidSignatureException",
  IncompleteSignature: "IncompleteSignatureException",
};

/**
 * The history of the account's changes in the region, over the protocol JSON 1.1. Trails, which copy it into
 * buckets, are not served. Differs from the vendor's: an event is there as soon as the change is.
 *
 * @throws AwsError
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/
 */
export async function answerCloudTrail(
  cloud: VendorContext,
  request: Request,
  body: Uint8Array,
): Promise<object> {
  const caller = await authenticate(
    cloud,
    { request, body },
    { name: CLOUDTRAIL, protocol: "query" },
  );
  const action = TARGET.exec(request.headers.get("x-amz-target") ?? "")?.[1];
  if (action !== "LookupEvents") {
    throw refusal(
      "UnknownOperationException",
      `The local cloud has no action ${action ?? "without a name"} of CloudTrail; it has LookupEvents.`,
    );
  }
  const parsed = lookupSchema.safeParse(jsonOf(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refusal("ValidationException", `${issue?.path.join(".")}: ${issue?.message}`);
  }
  return lookupEvents(caller, parsed.data);
}

/** An answer of the protocol. */
export const jsonResponse = (status: number, requestId: string, answer: object): Response =>
  new Response(JSON.stringify(answer), {
    status,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": requestId },
  });

export const jsonError = ({ code, message }: AwsError): object => ({
  __type: NAMES[code] ?? code,
  message,
});

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8") || "{}");
  } catch {
    throw new AwsError(400, "SerializationException", "The request body is not valid JSON.");
  }
}

/** Operations of S3 on a bucket by their parameter, where the name is not the parameter's own. */
const BUCKET_SETTINGS: Readonly<Record<string, string>> = {
  acl: "Acl",
  cors: "Cors",
  encryption: "Encryption",
  lifecycle: "Lifecycle",
  ownershipControls: "OwnershipControls",
  policy: "Policy",
  publicAccessBlock: "PublicAccessBlock",
  replication: "Replication",
  tagging: "Tagging",
  versioning: "Versioning",
  website: "Website",
};

/** S3, whose changes of buckets the history tells of as well; those of objects it does not. */
export const recordingS3 = <H extends Handler>(cloud: VendorContext, s3: H): H => ({
  ...s3,
  async fetch(request: Request) {
    const answer = await s3.fetch(request);
    const event = answer.ok ? bucketEvent(request) : undefined;
    const key = event && new AccessKeys(cloud).find(event.accessKeyId);
    if (event === undefined || key === undefined) return answer;
    const { name, bucket, accessKeyId } = event;
    const resources = [{ type: "AWS::S3::Bucket", name: bucket }];
    const caller = callerOf(cloud, key.body.accountId, regionOf(request));
    recordCall(caller, { name, service: "s3", accessKeyId, resources });
    return answer;
  },
});

function bucketEvent(request: Request) {
  const { method } = request;
  if (method !== "PUT" && method !== "DELETE") return undefined;
  const url = new URL(request.url);
  const accessKeyId = claimedSigner(request, url)?.accessKeyId;
  const [, bucket = "", ...key] = url.pathname.split("/");
  if (accessKeyId === undefined || bucket === "" || key.join("") !== "") return undefined;
  const setting = Object.keys(BUCKET_SETTINGS).find((each) => url.searchParams.has(each));
  if (setting !== undefined) {
    const verb = method === "PUT" ? "Put" : "Delete";
    return { name: `${verb}Bucket${BUCKET_SETTINGS[setting]}`, bucket, accessKeyId };
  }
  return { name: method === "PUT" ? "CreateBucket" : "DeleteBucket", bucket, accessKeyId };
}

/** The one that the request is signed for. */
function regionOf(request: Request): string {
  const [, , region = ""] =
    /\bCredential=([^,\s]*)/.exec(request.headers.get("authorization") ?? "")?.[1]?.split("/") ??
    [];
  return regions.includes(region) ? region : DEFAULT_REGION;
}
