import type { KeyGrant } from "../access-keys.ts";
import type { Proof } from "../s3/signature.ts";
import { areAclsDisabled } from "./acl.ts";
import type { Bucket } from "./buckets.ts";
import { askPolicy, isPublicPolicy, parsePolicy } from "./policy.ts";
import type { CannedAcl } from "./settings.ts";

/** Who makes a request. */
export interface Caller {
  /** Undefined for anonymous callers. */
  readonly accountId: string | undefined;
  /** What the key may do in its account's buckets; undefined when it may do everything. */
  readonly grants: readonly KeyGrant[] | undefined;
  /** Undefined for anonymous callers. */
  readonly proof: Proof | undefined;
}

/** What a key's grant must give for an operation: to see objects, to change them, or the bucket itself. */
export type Right = "read" | "write" | "settings";

const RIGHTS: Readonly<Record<KeyGrant["permission"], readonly Right[]>> = {
  read: ["read"],
  readwrite: ["read", "write"],
  fullaccess: ["read", "write", "settings"],
};

export interface AccessQuestion {
  readonly caller: Caller;
  readonly bucket: Bucket;
  readonly right: Right;
  /** `s3:GetObject`, … */
  readonly action: string;
  /** Undefined for operations on the bucket itself. */
  readonly key?: string;
  /** Of the object, where the operation is to read one. */
  readonly objectAcl?: CannedAcl;
}

/** Requests come over loopback: from this machine, and no network sees them on their way. */
const LOOPBACK = { sourceIp: "127.0.0.1", isSecureTransport: true } as const;

/** What a bucket's public list allows everybody. */
const LISTING = ["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"];
const READING = ["s3:GetObject", "s3:GetObjectVersion"];
/** No policy takes these from the bucket's own account, so that it cannot lock itself out. */
const POLICY_ITSELF = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];

/** Whether a key with these grants has the right on a bucket of its account. */
export const hasGrant = (
  grants: readonly KeyGrant[] | undefined,
  bucketName: string,
  right: Right,
): boolean =>
  grants === undefined ||
  grants.some(
    ({ bucket, permission }) =>
      (bucket === "" || bucket === bucketName) && RIGHTS[permission].includes(right),
  );

/**
 * Whether the caller may. A policy that denies goes before everything; else the bucket's own account may as
 * its key's grants say, and all others what the policy or a public list allows, unless that is blocked.
 */
export function isAllowed(question: AccessQuestion): boolean {
  const { caller, bucket, right, action } = question;
  const { accountId, settings } = bucket.body;
  const isOwn = caller.accountId === accountId;
  const mayByGrants = hasGrant(caller.grants, bucket.name, right);
  if (isOwn && mayByGrants && POLICY_ITSELF.includes(action)) return true;

  const policy =
    settings.policy === undefined ? undefined : parsePolicy(settings.policy, bucket.name);
  const ask = (by: string | undefined) =>
    policy === undefined
      ? undefined
      : askPolicy(policy, { ...LOOPBACK, accountId: by, action, resource: arnOf(question) });

  const toCaller = ask(caller.accountId);
  if (toCaller === "Deny") return false;
  if (isOwn && mayByGrants) return true;

  const isRestricted =
    policy !== undefined &&
    settings.publicAccess?.RestrictPublicBuckets === true &&
    isPublicPolicy(policy);
  if (!isOwn && isRestricted) return isPublicByAcl(question);
  // What is allowed to one account by name, its key must have the right to as well.
  if (toCaller === "Allow" && (mayByGrants || ask(undefined) === "Allow")) return true;
  return isPublicByAcl(question);
}

function isPublicByAcl({ bucket, action, objectAcl }: AccessQuestion): boolean {
  const { settings } = bucket.body;
  if (areAclsDisabled(settings) || settings.publicAccess?.IgnorePublicAcls === true) return false;
  if (LISTING.includes(action)) return settings.acl === "public-read";
  return READING.includes(action) && objectAcl === "public-read";
}

const arnOf = ({ bucket, key }: AccessQuestion): string =>
  `arn:aws:s3:::${bucket.name}${key === undefined ? "" : `/${key}`}`;
