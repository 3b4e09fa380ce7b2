import type { Identity } from "../observation.ts";
import { cloudflareAccount } from "./account.ts";
import { bucketName, gcsBucket, r2Bucket, s3Bucket, spacesBucket } from "./bucket.ts";
import { canonicalHost } from "./host.ts";
import type { ParsedUrl } from "./parsed-url.ts";

/** Where a bucket is, as a vendor's host names say it. */
interface Endpoint {
  /** Matches the whole host; the group `bucket` is there in virtual-host style alone. */
  readonly host: RegExp;
  readonly identity: (bucket: string, groups: Groups) => Identity;
  /** What the host tells even where no bucket is named. */
  readonly account?: (groups: Groups) => Identity;
}

type Groups = Readonly<Record<string, string | undefined>>;

const ENDPOINTS: readonly Endpoint[] = [
  {
    // https://developers.cloudflare.com/r2/api/s3/api/
    host: /^(?:(?<bucket>[a-z0-9-]+)\.)?(?<account>[0-9a-f]{32})\.(?:(?<jurisdiction>[a-z-]+)\.)?r2\.cloudflarestorage\.com$/,
    identity: (bucket, groups) => r2Bucket(groups.account ?? "", bucket, groups.jurisdiction),
    account: (groups) => cloudflareAccount(groups.account ?? ""),
  },
  {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    host: /^(?:(?<bucket>[a-z0-9._-]+)\.)?s3(?:-website|-accelerate|-fips|-external-1)?(?:[.-]dualstack)?(?:[.-][a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?$/,
    identity: s3Bucket,
  },
  {
    // https://docs.digitalocean.com/products/spaces/reference/s3-compatibility/
    host: /^(?:(?<bucket>[a-z0-9-]+)\.)?(?<region>[a-z]{3}\d)\.(?:cdn\.)?digitaloceanspaces\.com$/,
    identity: (bucket, groups) => spacesBucket(groups.region ?? "", bucket),
  },
  {
    // https://cloud.google.com/storage/docs/request-endpoints
    host: /^(?:(?<bucket>[a-z0-9._-]+)\.)?storage\.(?:googleapis|cloud\.google)\.com$/,
    identity: gcsBucket,
  },
];

/** Schemes whose host is the bucket's name. */
const BUCKET_SCHEMES: ReadonlyMap<string, (bucket: string) => Identity> = new Map([
  ["s3", s3Bucket],
  ["s3a", s3Bucket],
  ["s3n", s3Bucket],
  ["gs", gcsBucket],
]);

/**
 * The bucket that a URL names, in path style, in virtual-host style or by its scheme, and the account
 * that its host names. Empty for other URLs.
 *
 * @param account the account of a bucket in `r2://bucket`.
 */
export function bucketsOf(url: ParsedUrl, account: string | undefined): Identity[] {
  if (url.scheme === "r2") return bucketOfR2Scheme(url, account);
  const identity = BUCKET_SCHEMES.get(url.scheme);
  const host = url.hosts[0]?.host;
  if (host === undefined) return [];
  if (identity === undefined) return bucketAt(host, firstSegment(url.path));
  const endpoint = parameter(url, "endpoint");
  if (endpoint !== undefined) return bucketAt(endpoint.replace(/^https?:\/\/|\/.*$/g, ""), host);
  const bucket = bucketName(host);
  return bucket === undefined ? [] : [identity(bucket)];
}

/** `r2://account/bucket`; `r2://bucket` with the account among its parameters, or else at hand. */
function bucketOfR2Scheme(url: ParsedUrl, atHand: string | undefined): Identity[] {
  const host = url.hosts[0]?.host.toLowerCase() ?? "";
  const isAccount = /^[0-9a-f]{32}$/.test(host);
  const account = isAccount ? host : (parameter(url, "account-id") ?? atHand);
  const bucket = bucketName(isAccount ? firstSegment(url.path) : host);
  if (account === undefined || bucket === undefined) return [];
  return [r2Bucket(account, bucket), cloudflareAccount(account)];
}

function bucketAt(address: string, segment: string): Identity[] {
  const host = canonicalHost(address);
  for (const { host: pattern, identity, account } of ENDPOINTS) {
    const groups = host === undefined ? undefined : pattern.exec(host)?.groups;
    if (groups === undefined) continue;
    const bucket = bucketName(groups.bucket ?? segment);
    return [
      ...(bucket === undefined ? [] : [identity(bucket, groups)]),
      ...(account === undefined ? [] : [account(groups)]),
    ];
  }
  return [];
}

const firstSegment = (path: string): string => path.split("/", 2)[1] ?? "";

const parameter = ({ query }: ParsedUrl, name: string): string | undefined =>
  query.find(([key]) => key === name)?.[1];
