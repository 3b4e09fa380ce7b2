import type { Identity } from "../observation.ts";
import { awsAccount } from "./account.ts";
import { bucketName, s3Bucket } from "./bucket.ts";

/** One ARN inside a text; the account is empty for buckets, and `aws` for what AWS itself owns. */
const ARN =
  /arn:aws[a-z-]{0,16}:[a-z0-9-]{1,40}:[a-z0-9-]{0,32}:(?:\d{12}|aws)?:[^\s"'`\\<>,;]{1,1024}/gi;

/** What ends in one of these names everything below, so that it means what stands before it. */
const WILDCARD_END = /(?:[:/]\*)+$/;

/** Every ARN inside a text. */
export const findArns = (text: string): string[] => text.match(ARN) ?? [];

/**
 * What an ARN names: a bucket's is the bucket, objects included; others are the ARN itself, without a
 * wildcard at its end. Undefined for patterns and for what AWS itself owns.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export function arnIdentity(arn: string): Identity | undefined {
  const [scheme, partition, service, region, account, ...rest] = arn.trim().split(":");
  const resource = rest
    .join(":")
    .replace(/[.)\]}]+$/, "")
    .replace(WILDCARD_END, "");
  if (scheme?.toLowerCase() !== "arn" || rest.length === 0 || account === "aws") return undefined;
  if (service?.toLowerCase() === "s3" && account === "") {
    const bucket = bucketName(resource.replace(/\/.*$/s, ""));
    return bucket === undefined ? undefined : s3Bucket(bucket);
  }
  if (resource === "" || resource.includes("*")) return undefined;
  return `arn:${[partition, service, region, account].join(":").toLowerCase()}:${resource}`;
}

/** The account that an ARN says it belongs to. */
export function arnAccount(arn: string): Identity | undefined {
  const account = arn.split(":")[4];
  return account !== undefined && /^\d{12}$/.test(account) ? awsAccount(account) : undefined;
}
