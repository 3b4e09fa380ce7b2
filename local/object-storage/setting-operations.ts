import { corsDocument, readCorsDocument } from "../s3/cors-document.ts";
import { malformedXml, type S3Error, s3Error } from "../s3/errors.ts";
import { documentOf } from "../s3/payload.ts";
import { children, childText, parseXml, texts, type XmlNode, xmlDocument } from "../s3/xml.ts";
import { aclDocument, aclOfHeader, readAclDocument, refuseBlockedAcl } from "./acl.ts";
import { accessDenied, notImplemented } from "./errors.ts";
import { lifecycleDocument, readLifecycleDocument } from "./lifecycle.ts";
import { done, type Operation, type S3Request, xmlResponse } from "./operation.ts";
import { isPublicPolicy, parsePolicy } from "./policy.ts";
import { type BucketSettings, OWNERSHIPS, type PublicAccessBlock } from "./settings.ts";
import { MAX_TAGS, readTagging, taggingDocument } from "./tags.ts";

const MINIMUM_SIZE = "x-amz-transition-default-minimum-object-size";
const MINIMUM_SIZES = ["all_storage_classes_128K", "varies_by_storage_class"];

/** What is answered where a setting has not been put. */
const ABSENT: Readonly<Record<string, readonly [code: string, message: string]>> = {
  cors: ["NoSuchCORSConfiguration", "The CORS configuration does not exist"],
  lifecycle: ["NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"],
  policy: ["NoSuchBucketPolicy", "The bucket policy does not exist"],
  tags: ["NoSuchTagSet", "The TagSet does not exist"],
  ownership: ["OwnershipControlsNotFoundError", "The bucket ownership controls were not found"],
  publicAccess: [
    "NoSuchPublicAccessBlockConfiguration",
    "The public access block configuration was not found",
  ],
};

const absent = (setting: string): S3Error => {
  const [code, message] = ABSENT[setting] ?? ["NoSuchConfiguration", "There is none"];
  return s3Error(404, code, message);
};

/** The setting's document, or the refusal where it has not been put. */
const answering =
  <Name extends keyof BucketSettings>(
    name: Name,
    print: (value: NonNullable<BucketSettings[Name]>) => string,
  ): Operation =>
  async ({ bucket }) => {
    const value = bucket.body.settings[name];
    if (value === undefined || value === null) throw absent(name);
    return xmlResponse(print(value));
  };

/** Takes the setting away; what is not there counts as taken. */
const deleting =
  (name: keyof BucketSettings): Operation =>
  async ({ storage, bucket }) => {
    storage.buckets.change(bucket, ({ [name]: _, ...others }) => others as BucketSettings);
    return done(204);
  };

const bodyOf = async (s3: S3Request): Promise<string> => documentOf(await s3.payload());

const change = (
  { storage, bucket }: S3Request,
  settings: Partial<BucketSettings>,
  status = 200,
): Response => {
  storage.buckets.change(bucket, (before) => ({ ...before, ...settings }));
  return done(status);
};

export const getVersioning: Operation = async ({ bucket }) => {
  const { versioning } = bucket.body.settings;
  return xmlResponse(
    xmlDocument("VersioningConfiguration", versioning === undefined ? {} : { Status: versioning }),
  );
};

export const putVersioning: Operation = async (s3) => {
  const document = parseXml(await bodyOf(s3), "VersioningConfiguration");
  const status = childText(document, "Status");
  if (childText(document, "MfaDelete") === "Enabled") throw notImplemented("MFA Delete");
  if (status !== "Enabled" && status !== "Suspended") throw malformedXml();
  return change(s3, { versioning: status });
};

export const getEncryption: Operation = async ({ bucket }) => {
  const { bucketKeyEnabled = false, blockedEncryption = [] } = bucket.body.settings;
  const blocked =
    blockedEncryption.length === 0
      ? {}
      : { BlockedEncryptionTypes: { EncryptionType: blockedEncryption } };
  return xmlResponse(
    xmlDocument("ServerSideEncryptionConfiguration", {
      Rule: {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
        BucketKeyEnabled: bucketKeyEnabled,
        ...blocked,
      },
    }),
  );
};

export const putEncryption: Operation = async (s3) => {
  const document = parseXml(await bodyOf(s3), "ServerSideEncryptionConfiguration");
  const [rule, ...others] = children(document, "Rule");
  const [byDefault] = children(rule, "ApplyServerSideEncryptionByDefault");
  if (rule === undefined || others.length > 0) throw malformedXml();
  const algorithm = childText(byDefault, "SSEAlgorithm") ?? "AES256";
  if (algorithm.startsWith("aws:")) throw notImplemented(`Encryption with ${algorithm}`);
  if (algorithm !== "AES256") throw malformedXml();
  const [blocked] = children(rule, "BlockedEncryptionTypes");
  return change(s3, {
    bucketKeyEnabled: childText(rule, "BucketKeyEnabled") === "true",
    blockedEncryption: texts(blocked, "EncryptionType"),
  });
};

/** Afterwards the bucket has what every bucket has. */
export const deleteEncryption: Operation = async (s3) =>
  change(s3, { bucketKeyEnabled: false, blockedEncryption: [] }, 204);

export const getPublicAccess = answering("publicAccess", (block) =>
  xmlDocument("PublicAccessBlockConfiguration", block),
);

export const putPublicAccess: Operation = async (s3) => {
  const document = parseXml(await bodyOf(s3), "PublicAccessBlockConfiguration");
  if (document === undefined) throw malformedXml();
  const flag = (name: keyof PublicAccessBlock) => isTrue(document, name);
  return change(s3, {
    publicAccess: {
      BlockPublicAcls: flag("BlockPublicAcls"),
      IgnorePublicAcls: flag("IgnorePublicAcls"),
      BlockPublicPolicy: flag("BlockPublicPolicy"),
      RestrictPublicBuckets: flag("RestrictPublicBuckets"),
    },
  });
};

export const deletePublicAccess = deleting("publicAccess");

export const getOwnership = answering("ownership", (ownership) =>
  xmlDocument("OwnershipControls", { Rule: { ObjectOwnership: ownership } }),
);

export const putOwnership: Operation = async (s3) => {
  const [rule] = children(parseXml(await bodyOf(s3), "OwnershipControls"), "Rule");
  const asked = childText(rule, "ObjectOwnership");
  const ownership = OWNERSHIPS.find((candidate) => candidate === asked);
  if (ownership === undefined) throw malformedXml();
  if (ownership === "BucketOwnerEnforced" && s3.bucket.body.settings.acl !== "private") {
    throw s3Error(
      400,
      "InvalidBucketAclWithObjectOwnership",
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    );
  }
  return change(s3, { ownership });
};

export const deleteOwnership = deleting("ownership");

export const getAcl: Operation = async ({ bucket }) =>
  xmlResponse(aclDocument(bucket.body.settings.acl, bucket.body));

export const putAcl: Operation = async (s3) => {
  const { accountId, settings } = s3.bucket.body;
  const document = await bodyOf(s3);
  const acl = aclOfHeader(s3.request.headers, "bucket") ?? readAclDocument(document, accountId);
  refuseBlockedAcl(settings, acl);
  return change(s3, { acl });
};

export const getPolicy: Operation = async ({ bucket }) => {
  const { policy } = bucket.body.settings;
  if (policy === undefined) throw absent("policy");
  return new Response(policy, { headers: { "content-type": "application/json" } });
};

export const putPolicy: Operation = async (s3) => {
  const text = await bodyOf(s3);
  const policy = parsePolicy(text, s3.bucket.name);
  const { publicAccess } = s3.bucket.body.settings;
  if (publicAccess?.BlockPublicPolicy === true && isPublicPolicy(policy)) {
    throw accessDenied(
      "User is not authorized to perform: s3:PutBucketPolicy because public policies are blocked by the BlockPublicPolicy block public access setting.",
    );
  }
  return change(s3, { policy: text }, 204);
};

export const deletePolicy = deleting("policy");

export const getPolicyStatus: Operation = async ({ bucket }) => {
  const { policy } = bucket.body.settings;
  if (policy === undefined) throw absent("policy");
  const IsPublic = isPublicPolicy(parsePolicy(policy, bucket.name));
  return xmlResponse(xmlDocument("PolicyStatus", { IsPublic }));
};

export const getTagging = answering("tags", taggingDocument);

export const putTagging: Operation = async (s3) =>
  change(s3, { tags: readTagging(await bodyOf(s3), MAX_TAGS.bucket) }, 204);

export const deleteTagging = deleting("tags");

export const getCors = answering("cors", corsDocument);

export const putCors: Operation = async (s3) =>
  change(s3, { cors: readCorsDocument(await bodyOf(s3)) });

export const deleteCors = deleting("cors");

export const getLifecycle: Operation = async ({ storage, bucket }) => {
  const { lifecycle, lifecycleMinimumSize = MINIMUM_SIZES[0] ?? "" } = bucket.body.settings;
  if (lifecycle === undefined) throw absent("lifecycle");
  const headers = storage.dialect.vendor === "aws" ? { [MINIMUM_SIZE]: lifecycleMinimumSize } : {};
  return xmlResponse(lifecycleDocument(lifecycle), headers);
};

export const putLifecycle: Operation = async (s3) => {
  const minimum = s3.request.headers.get(MINIMUM_SIZE);
  if (minimum !== null && !MINIMUM_SIZES.includes(minimum)) throw malformedXml();
  const lifecycle = readLifecycleDocument(await bodyOf(s3), s3.storage.dialect.hasTags);
  return change(s3, {
    lifecycle,
    ...(minimum === null ? {} : { lifecycleMinimumSize: minimum }),
  });
};

export const deleteLifecycle = deleting("lifecycle");

const isTrue = (node: XmlNode, name: string): boolean =>
  childText(node, name)?.trim().toLowerCase() === "true";
