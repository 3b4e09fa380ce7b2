import { createHash } from "node:crypto";
import { malformedXml, type S3Error, s3Error } from "../s3/errors.ts";
import { children, childText, parseXml, type XmlNode, xmlDocument } from "../s3/xml.ts";
import type { BucketBody } from "./buckets.ts";
import { accessDenied, notImplemented } from "./errors.ts";
import type { BucketSettings, CannedAcl } from "./settings.ts";

const ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";

/** Canned lists that give the bucket's owner what it has anyway, since it owns all its objects. */
const OWNERS_OWN = ["bucket-owner-full-control", "bucket-owner-read"];

/** An account's canonical user id, as the vendor tells owners apart. */
export const canonicalId = (accountId: string): string =>
  createHash("sha256").update(`canonical/${accountId}`).digest("hex");

export const ownerOf = (accountId: string) => ({
  ID: canonicalId(accountId),
  DisplayName: accountId,
});

/** The list that the header `x-amz-acl` asks for; undefined when it asks for none. */
export function aclOfHeader(headers: Headers, target: "bucket" | "object"): CannedAcl | undefined {
  const text = headers.get("x-amz-acl");
  if (text === null) return undefined;
  if (text === "private" || text === "public-read") return text;
  if (target === "object" && OWNERS_OWN.includes(text)) return "private";
  throw notImplemented(`The canned ACL ${text}`);
}

/** The list of an `AccessControlPolicy`, or a refusal where it is none of the canned ones. */
export function readAclDocument(text: string, accountId: string): CannedAcl {
  const [list] = children(parseXml(text, "AccessControlPolicy"), "AccessControlList");
  if (list === undefined) throw malformedXml();
  const grants = children(list, "Grant").map(grantOf);
  const owners = `${canonicalId(accountId)} FULL_CONTROL`;
  const publics = `${ALL_USERS} READ`;
  if (grants.every((grant) => grant === owners)) return "private";
  if (grants.every((grant) => grant === owners || grant === publics)) return "public-read";
  throw notImplemented("An access control list with other grants than those of the canned ones");
}

function grantOf(grant: XmlNode): string {
  const [grantee] = children(grant, "Grantee");
  const who = childText(grantee, "URI") ?? childText(grantee, "ID");
  const permission = childText(grant, "Permission");
  if (who === undefined || permission === undefined) throw malformedXml();
  return `${who} ${permission}`;
}

/** A list as it is in effect: where lists are disabled, there is the owner alone in each. */
export function aclDocument(list: CannedAcl, { accountId, settings }: BucketBody): string {
  const acl = areAclsDisabled(settings) ? "private" : list;
  const schema = "http://www.w3.org/2001/XMLSchema-instance";
  const grantee = (type: string, content: object) => ({
    "@_xmlns:xsi": schema,
    "@_xsi:type": type,
    ...content,
  });
  const owner = ownerOf(accountId);
  const grants = [{ Grantee: grantee("CanonicalUser", owner), Permission: "FULL_CONTROL" }];
  const publics = [{ Grantee: grantee("Group", { URI: ALL_USERS }), Permission: "READ" }];
  return xmlDocument("AccessControlPolicy", {
    Owner: owner,
    AccessControlList: { Grant: [...grants, ...(acl === "public-read" ? publics : [])] },
  });
}

/** Whether lists have no effect in this bucket, since its owner owns everything in it. */
export const areAclsDisabled = ({ ownership }: Pick<BucketSettings, "ownership">): boolean =>
  ownership === "BucketOwnerEnforced";

/** Refuses a list that the bucket's settings do not allow to be put. */
export function refuseBlockedAcl(settings: BucketSettings, acl: CannedAcl): void {
  if (areAclsDisabled(settings)) throw aclsNotSupported();
  if (acl === "public-read" && settings.publicAccess?.BlockPublicAcls === true) {
    throw accessDenied("User is not authorized: public ACLs are blocked by BlockPublicAcls");
  }
}

const aclsNotSupported = (): S3Error =>
  s3Error(400, "AccessControlListNotSupported", "The bucket does not allow ACLs");
