/** Who may reach the stack's R2 buckets from outside of its account, and what is set about them. */
import type { ResourceFact } from "../../isolation/facts.ts";
import { orMissing } from "../../providers/cloudflare-api/fault.ts";
import type { Difference } from "../finding.ts";
import type { CloudflareAccess } from "../vendors/accounts.ts";
import { found, isThere, listed, lookAtEach, ownOf, textAt } from "./facts.ts";
import type { ProbeInput } from "./probe.ts";

const BUCKET = "cloudflare:index/r2Bucket:R2Bucket";

/** The rule that R2 gives each bucket. @see https://developers.cloudflare.com/r2/buckets/object-lifecycles/ */
const DEFAULT_RULE = "Default Multipart Abort Rule";

/** What the stack's R2 buckets have beside what its resources declare. */
export async function r2Access(input: ProbeInput): Promise<readonly Difference[]> {
  const buckets = ownOf(input, BUCKET).filter((each) => isThere(input, each));
  const { cloudflare } = buckets.length === 0 ? {} : await input.accounts();
  if (cloudflare === undefined) return [];
  return lookAtEach(buckets, (bucket) => ofBucket(bucket, cloudflare, input));
}

async function ofBucket(
  bucket: ResourceFact,
  { client, accountId: account_id }: CloudflareAccess,
  input: ProbeInput,
): Promise<Difference[]> {
  const name = textAt(bucket.outputs, "name") ?? bucket.id ?? "";
  const jurisdiction = textAt(bucket.outputs, "jurisdiction") as "default" | "eu" | "fedramp";
  const params = { account_id, ...(jurisdiction === undefined ? {} : { jurisdiction }) };
  const isDeclared = (type: string) =>
    ownOf(input, type).some(({ inputs }) => textAt(inputs, "bucketName") === name);
  const { buckets } = client.r2;
  const say = (kind: "access" | "changed", key: string, what: string) =>
    found(kind, bucket, `The bucket ${name} ${what}, which the stack does not declare.`, { key });
  const differences: Difference[] = [];

  if (!isDeclared("cloudflare:index/r2ManagedDomain:R2ManagedDomain")) {
    const managed = await buckets.domains.managed.list(name, params);
    if (managed.enabled)
      differences.push(say("access", "r2.dev", `is open to everybody at ${managed.domain}`));
  }
  const custom = await buckets.domains.custom.list(name, params);
  const declared = ownOf(input, "cloudflare:index/r2CustomDomain:R2CustomDomain").map(
    ({ inputs }) => textAt(inputs, "domain"),
  );
  const domains = custom.domains
    .filter(({ enabled, domain }) => enabled && !declared.includes(domain))
    .map(({ domain }) => domain);
  if (domains.length > 0)
    differences.push(say("access", "domains", `is open to everybody at ${listed(domains)}`));

  if (!isDeclared("cloudflare:index/r2BucketCors:R2BucketCors")) {
    const cors = await orMissing(buckets.cors.get(name, params));
    const origins = (cors?.rules ?? []).flatMap(({ allowed }) => allowed.origins);
    if (origins.length > 0)
      differences.push(
        say("access", "cors", `answers pages of other origins (${listed(origins)})`),
      );
  }
  if (!isDeclared("cloudflare:index/r2BucketLifecycle:R2BucketLifecycle")) {
    const lifecycle = await orMissing(buckets.lifecycle.get(name, params));
    const rules = (lifecycle?.rules ?? []).filter(
      ({ id, enabled }) => enabled && id !== DEFAULT_RULE,
    );
    const ids = rules.map(({ id }) => id);
    if (ids.length > 0)
      differences.push(say("changed", "lifecycle", `deletes or moves objects (${listed(ids)})`));
  }
  return differences;
}
