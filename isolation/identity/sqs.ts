import type { Identity } from "../observation.ts";
import { arnIdentity } from "./arn.ts";
import { canonicalHost } from "./host.ts";
import type { ParsedUrl } from "./parsed-url.ts";

/** `https://sqs.<region>.amazonaws.com/<account>/<name>`, and the older `<region>.queue.…`. */
const HOST = /^(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.amazonaws\.com(\.cn)?$/;
const PATH = /^\/(\d{12})\/([\w-]+(?:\.fifo)?)\/?$/;

/**
 * The queue that a URL of SQS names, by its ARN. Undefined for other URLs.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
 */
export function queueOf(url: ParsedUrl): Identity | undefined {
  const host = HOST.exec(canonicalHost(url.hosts[0]?.host ?? "") ?? "");
  const path = PATH.exec(url.path);
  if (host === null || path === null) return undefined;
  const partition = host[3] === undefined ? "aws" : "aws-cn";
  return arnIdentity(`arn:${partition}:sqs:${host[1] ?? host[2]}:${path[1]}:${path[2]}`);
}
