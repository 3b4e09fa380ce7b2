import { createMiddleware } from "hono/factory";
import { claimedSigner } from "../../s3/signature.ts";
import type { Handler } from "../../signed-front.ts";
import { findTokenById } from "../accounts.ts";
import type { ApiEnv, CloudContext } from "../service.ts";
import { record } from "./entries.ts";
import { type Operation, operationOf } from "./operations.ts";

type Log = (line: string) => void;

/** Records each change that the API has carried out, before its answer is sent. */
export const recordChanges = (cloud: CloudContext, log: Log) =>
  createMiddleware<ApiEnv>(async (context, next) => {
    await next();
    const operation = operationOf(context.req.method, context.req.path);
    if (operation === undefined || !context.res.ok) return;
    const resourceId = operation.resourceId ?? (await answeredId(context.res, operation));
    write(cloud, log, context.get("accountId"), context.get("tokenId"), operation, resourceId);
  });

/** The operations of R2's S3 API on a bucket itself, by method and parameter. */
const BUCKET_OPERATIONS: Readonly<Record<string, Pick<Operation, "type" | "info">>> = {
  "PUT ": { type: "create", info: "CreateBucket" },
  "DELETE ": { type: "delete", info: "DeleteBucket" },
  "PUT cors": { type: "update", info: "PutBucketCors" },
  "DELETE cors": { type: "update", info: "DeleteBucketCors" },
};

/** R2's S3 API, whose changes of buckets are in the same log as those of the account's own API. */
export const recordingR2 = (cloud: CloudContext, r2: Handler, log: Log): Handler => ({
  async fetch(request) {
    const answer = await r2.fetch(request);
    if (!answer.ok) return answer;
    const url = new URL(request.url);
    const [, bucket = "", ...key] = url.pathname.split("/");
    const parameter = url.searchParams.has("cors") ? "cors" : "";
    const operation = BUCKET_OPERATIONS[`${request.method} ${parameter}`];
    const token = findTokenById(cloud, claimedSigner(request, url)?.accessKeyId ?? "");
    if (operation === undefined || token === undefined || bucket === "" || key.join("") !== "")
      return answer;
    const resource = { ...operation, resourceType: "r2.bucket" };
    write(cloud, log, token.body.accountId, token.id, resource, bucket);
    return answer;
  },
});

/** What was done is done: that it could not be written down does not take it back. */
function write(
  cloud: CloudContext,
  log: Log,
  accountId: string,
  tokenId: string,
  { type, info, resourceType }: Pick<Operation, "type" | "info" | "resourceType">,
  resourceId: string,
): void {
  try {
    record(cloud, accountId, { type, info, resourceType, resourceId, tokenId });
  } catch (error) {
    log(`The audit log does not tell of ${info} of ${resourceId}: ${error}`);
  }
}

async function answeredId(answer: Response, { answered }: Operation): Promise<string> {
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined);
  const id = (body as { result?: Record<string, unknown> | null } | undefined)?.result?.[answered];
  return typeof id === "string" ? id : "";
}
