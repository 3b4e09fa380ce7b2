import { malformedXml, s3Error } from "../s3/errors.ts";
import { documentOf } from "../s3/payload.ts";
import { children, childText, parseXml, type XmlNode, xmlDocument } from "../s3/xml.ts";
import { hasGrant } from "./access.ts";
import { aclOfHeader, areAclsDisabled, ownerOf } from "./acl.ts";
import { accessDenied, invalidRequest } from "./errors.ts";
import { limitOf } from "./list-documents.ts";
import { FROM_START } from "./listing.ts";
import { refuseUnserved } from "./object-headers.ts";
import { type AccountRequest, done, type Operation, xmlResponse } from "./operation.ts";
import { type BucketSettings, OWNERSHIPS } from "./settings.ts";
import { checkedTags, MAX_TAGS } from "./tags.ts";

const MAX_BUCKETS = 10_000;

/** The account's buckets that the key may at least read. */
export async function listBuckets({ storage, caller, query }: AccountRequest): Promise<Response> {
  const { accountId, grants } = caller;
  if (accountId === undefined) throw accessDenied();
  const prefix = query.get("prefix") ?? "";
  const region = query.get("bucket-region");
  const token = query.get("continuation-token") ?? "";
  const limit = query.has("max-buckets")
    ? Math.min(limitOf(query.get("max-buckets"), "max-buckets"), MAX_BUCKETS)
    : MAX_BUCKETS;
  const all = storage.buckets
    .ownedBy(accountId)
    .filter(
      ({ name, body }) =>
        hasGrant(grants, name, "read") &&
        name.startsWith(prefix) &&
        (region === null || body.region === region) &&
        name > token,
    );
  const page = all.slice(0, limit);
  const last = page.at(-1);
  return xmlResponse(
    xmlDocument("ListAllMyBucketsResult", {
      Owner: ownerOf(accountId),
      Buckets: {
        Bucket: page.map(({ name, createdAt, body }) => ({
          Name: name,
          CreationDate: createdAt,
          BucketRegion: body.region,
        })),
      },
      ...(prefix === "" ? {} : { Prefix: prefix }),
      ...(last !== undefined && all.length > page.length ? { ContinuationToken: last.name } : {}),
    }),
  );
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export async function createBucket(s3: AccountRequest, name: string): Promise<Response> {
  const { storage, caller, request } = s3;
  const { accountId, grants } = caller;
  if (accountId === undefined || !hasGrant(grants, name, "settings")) throw accessDenied();
  refuseUnserved(request.headers, storage.dialect);
  if (!storage.dialect.bucketName.test(name)) {
    throw s3Error(400, "InvalidBucketName", "The specified bucket is not valid.", {
      details: { BucketName: name },
    });
  }
  const text = await documentOf(await s3.payload());
  const configuration = text === "" ? undefined : parseXml(text, "CreateBucketConfiguration");
  if (text !== "" && configuration === undefined) throw malformedXml();
  const region = regionOf(s3, childText(configuration, "LocationConstraint") ?? "");
  storage.buckets.create(name, {
    accountId,
    region,
    settings: newSettings(s3, configuration),
  });
  return done(200, { location: `/${name}` });
}

function newSettings({ storage, request }: AccountRequest, configuration: XmlNode | undefined) {
  const ownership = request.headers.get("x-amz-object-ownership");
  const acl = aclOfHeader(request.headers, "bucket") ?? "private";
  const [tags] = children(configuration, "Tags");
  const chosen = OWNERSHIPS.find((candidate) => candidate === ownership);
  const isServed = storage.dialect.newBucket.ownership !== undefined;
  if (ownership !== null && (chosen === undefined || !isServed)) {
    throw invalidRequest(`Invalid x-amz-object-ownership header: ${ownership}`);
  }
  const settings: BucketSettings = {
    ...storage.dialect.newBucket,
    acl,
    ...(chosen === undefined ? {} : { ownership: chosen }),
    ...(tags === undefined ? {} : { tags: newTags(tags) }),
  };
  if (acl === "public-read" && areAclsDisabled(settings)) {
    throw s3Error(
      400,
      "InvalidBucketAclWithObjectOwnership",
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    );
  }
  if (acl === "public-read" && settings.publicAccess?.BlockPublicAcls === true) {
    throw s3Error(
      400,
      "InvalidBucketAclWithBlockPublicAccessError",
      "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
    );
  }
  return settings;
}

const newTags = (tags: XmlNode) =>
  checkedTags(
    children(tags, "Tag").map((tag) => ({
      Key: childText(tag, "Key") ?? "",
      Value: childText(tag, "Value") ?? "",
    })),
    MAX_TAGS.bucket,
  );

/**
 * Where the new bucket is to be. At S3, a request to another region than `us-east-1` must say so in its
 * document too; at Spaces the endpoint says it, which the region of the signature stands for here.
 */
function regionOf({ storage, caller }: AccountRequest, constraint: string): string {
  const { regions, defaultRegion, isRegionSigned } = storage.dialect;
  const signed = caller.proof?.signature.region ?? "";
  if (constraint === "") {
    if (!isRegionSigned) return regions.includes(signed) ? signed : defaultRegion;
    if (signed === defaultRegion) return defaultRegion;
    throw illegalConstraint(
      "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.",
    );
  }
  if (!isRegionSigned && constraint === "us-east-1") return defaultRegion;
  const region = constraint === "EU" ? "eu-west-1" : constraint;
  if (!regions.includes(region) || (isRegionSigned && region === defaultRegion)) {
    throw s3Error(
      400,
      "InvalidLocationConstraint",
      "The specified location-constraint is not valid",
      {
        details: { LocationConstraint: constraint },
      },
    );
  }
  if (isRegionSigned && signed !== defaultRegion && signed !== region) {
    throw illegalConstraint(
      `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
  return region;
}

const illegalConstraint = (message: string) =>
  s3Error(400, "IllegalLocationConstraintException", message);

export const headBucket: Operation = async ({ bucket }) =>
  done(200, { "x-amz-bucket-region": bucket.body.region, "x-amz-access-point-alias": "false" });

/** Uploads that are not completed do not keep a bucket, versions and delete markers do. */
export const deleteBucket: Operation = async ({ storage, bucket }) => {
  const { index, buckets, blobs } = storage;
  if (!index.isEmpty(bucket.id)) {
    throw s3Error(
      409,
      "BucketNotEmpty",
      bucket.body.settings.versioning === undefined
        ? "The bucket you tried to delete is not empty"
        : "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
      { details: { BucketName: bucket.name } },
    );
  }
  for (const { id } of [...index.listUploads(bucket.id, FROM_START)]) {
    blobs.discard(index.removeUpload(id));
  }
  buckets.remove(bucket);
  return done(204);
};

/** `us-east-1` has no name in this answer, for the vendor's oldest clients. */
export const getLocation: Operation = async ({ bucket }) => {
  const { region } = bucket.body;
  return xmlResponse(
    xmlDocument("LocationConstraint", { "#text": region === "us-east-1" ? "" : region }),
  );
};
