/** Settings of a bucket that are a few fields each. */
import type {
  BucketVersioningStatus,
  CORSRule,
  MFADelete,
  ObjectOwnership,
  ServerSideEncryptionRule,
} from "@aws-sdk/client-s3";
import type { PlainValue } from "../../../../../providers/sdk/values.ts";
import { present } from "../../../present.ts";
import { inherited, optional, required } from "../../rows.ts";
import { asSet } from "../../shared.ts";
import { bucketSetting, ownerRow } from "./bucket-setting.ts";

/** `aws.s3.BucketVersioning`. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
export const bucketVersioning = bucketSetting({
  name: "BucketVersioning",
  title: "bucket versioning",
  doc: "Whether a bucket keeps old versions. https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
  properties: {
    ...ownerRow,
    mfa: optional("string", "Serial number and one-time code of the MFA device."),
    versioningConfiguration: required(
      {
        object: {
          status: required("string", "Whether versions are kept.", {
            values: ["Enabled", "Suspended", "Disabled"],
          }),
          mfaDelete: optional("string", "Whether deletions need MFA.", {
            unset: "Disabled",
            values: ["Enabled", "Disabled"],
          }),
        },
      },
      "How versions are kept.",
    ),
  },
  async put(s3, bucket, { versioningConfiguration: { status, mfaDelete }, mfa }) {
    // What was never switched on cannot be put as such.
    if (status === "Disabled") return;
    await s3.putBucketVersioning({
      ...bucket,
      ...present({ MFA: mfa }),
      VersioningConfiguration: {
        Status: status as BucketVersioningStatus,
        ...present({ MFADelete: mfaDelete as MFADelete | undefined }),
      },
    });
  },
  async get(s3, bucket) {
    const { Status, MFADelete: mfaDelete } = await s3.getBucketVersioning(bucket);
    const status = Status ?? "Disabled";
    return { versioningConfiguration: { status, ...present({ mfaDelete }) } };
  },
  async remove(s3, bucket, { versioningConfiguration: known }) {
    if (known?.status !== "Enabled") return;
    const VersioningConfiguration = { Status: "Suspended" as const };
    await s3.putBucketVersioning({ ...bucket, VersioningConfiguration });
  },
});

/** `aws.s3.BucketServerSideEncryptionConfiguration`. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html */
export const bucketEncryption = bucketSetting({
  name: "BucketServerSideEncryptionConfiguration",
  title: "bucket encryption",
  doc: "How objects are encrypted. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
  properties: {
    ...ownerRow,
    rules: required(
      {
        array: {
          object: {
            applyServerSideEncryptionByDefault: inherited(
              {
                object: {
                  sseAlgorithm: required("string", "Algorithm.", {
                    values: ["AES256", "aws:kms", "aws:kms:dsse"],
                  }),
                  kmsMasterKeyId: optional("string", "Key, with aws:kms."),
                },
              },
              "What objects are encrypted with.",
            ),
            blockedEncryptionTypes: inherited(
              { array: "string" },
              "What requests may not ask for.",
            ),
            bucketKeyEnabled: optional("boolean", "Whether the bucket has a key of its own.", {
              unset: false,
            }),
          },
        },
      },
      "Rules of encryption.",
    ),
  },
  async put(s3, bucket, { rules }) {
    const Rules = rules.map(
      ({
        applyServerSideEncryptionByDefault: byDefault,
        blockedEncryptionTypes,
        bucketKeyEnabled,
      }) =>
        present({
          ApplyServerSideEncryptionByDefault:
            byDefault &&
            present({
              SSEAlgorithm: byDefault.sseAlgorithm,
              KMSMasterKeyID: byDefault.kmsMasterKeyId,
            }),
          BlockedEncryptionTypes: blockedEncryptionTypes && {
            EncryptionType: [...blockedEncryptionTypes],
          },
          BucketKeyEnabled: bucketKeyEnabled,
        }) as ServerSideEncryptionRule,
    );
    await s3.putBucketEncryption({ ...bucket, ServerSideEncryptionConfiguration: { Rules } });
  },
  async get(s3, bucket) {
    const { ServerSideEncryptionConfiguration: found } = await s3.getBucketEncryption(bucket);
    const rules = found?.Rules?.map((rule) => {
      const byDefault = rule.ApplyServerSideEncryptionByDefault;
      return present({
        applyServerSideEncryptionByDefault:
          byDefault &&
          (present({
            sseAlgorithm: byDefault.SSEAlgorithm,
            kmsMasterKeyId: byDefault.KMSMasterKeyID,
          }) as { sseAlgorithm: string }),
        blockedEncryptionTypes: rule.BlockedEncryptionTypes?.EncryptionType,
        bucketKeyEnabled: rule.BucketKeyEnabled,
      });
    });
    return rules && { rules };
  },
  remove: (s3, bucket) => s3.deleteBucketEncryption(bucket),
});

const block = (doc: string) => optional("boolean", doc, { unset: false });

/** `aws.s3.BucketPublicAccessBlock`. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html */
export const bucketPublicAccessBlock = bucketSetting({
  name: "BucketPublicAccessBlock",
  title: "public access block",
  doc: "What may not be public. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
  properties: {
    blockPublicAcls: block("Whether public ACLs are refused."),
    blockPublicPolicy: block("Whether public policies are refused."),
    ignorePublicAcls: block("Whether public ACLs have no effect."),
    restrictPublicBuckets: block("Whether public policies reach this account only."),
    skipDestroy: block("Whether a deletion keeps the block."),
  },
  put: (s3, bucket, inputs) =>
    s3.putPublicAccessBlock({
      ...bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: inputs.blockPublicAcls ?? false,
        BlockPublicPolicy: inputs.blockPublicPolicy ?? false,
        IgnorePublicAcls: inputs.ignorePublicAcls ?? false,
        RestrictPublicBuckets: inputs.restrictPublicBuckets ?? false,
      },
    }),
  async get(s3, bucket) {
    const { PublicAccessBlockConfiguration: found } = await s3.getPublicAccessBlock(bucket);
    return (
      found && {
        blockPublicAcls: found.BlockPublicAcls ?? false,
        blockPublicPolicy: found.BlockPublicPolicy ?? false,
        ignorePublicAcls: found.IgnorePublicAcls ?? false,
        restrictPublicBuckets: found.RestrictPublicBuckets ?? false,
      }
    );
  },
  async remove(s3, bucket, { skipDestroy }) {
    if (!skipDestroy) await s3.deletePublicAccessBlock(bucket);
  },
});

/** `aws.s3.BucketOwnershipControls`. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html */
export const bucketOwnershipControls = bucketSetting({
  name: "BucketOwnershipControls",
  title: "bucket ownership controls",
  doc: "Who owns uploaded objects. https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
  properties: {
    rule: required(
      {
        object: {
          objectOwnership: required("string", "Who owns objects.", {
            values: ["BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"],
          }),
        },
      },
      "The rule of ownership.",
    ),
  },
  put: (s3, bucket, { rule }) =>
    s3.putBucketOwnershipControls({
      ...bucket,
      OwnershipControls: {
        Rules: [{ ObjectOwnership: rule.objectOwnership as ObjectOwnership }],
      },
    }),
  async get(s3, bucket) {
    const { OwnershipControls: found } = await s3.getBucketOwnershipControls(bucket);
    const objectOwnership = found?.Rules?.[0]?.ObjectOwnership;
    return objectOwnership && { rule: { objectOwnership } };
  },
  remove: (s3, bucket) => s3.deleteBucketOwnershipControls(bucket),
});

/** A policy as an object, whichever way the program wrote it; text that is no JSON stays text. */
export function parsedPolicy(policy: PlainValue): PlainValue {
  if (typeof policy !== "string") return policy;
  try {
    return JSON.parse(policy) as PlainValue;
  } catch {
    return policy;
  }
}

/** `aws.s3.BucketPolicy`. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html */
export const bucketPolicy = bucketSetting({
  name: "BucketPolicy",
  title: "bucket policy",
  doc: "Who may do what with a bucket. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html",
  properties: {
    policy: required("any", "The policy as JSON text or as an object.", {
      normalize: parsedPolicy,
    }),
  },
  validate: ({ policy }) =>
    typeof policy === "string" && typeof parsedPolicy(policy) === "string"
      ? [{ property: "policy", reason: "policy is not valid JSON. Correct it in the program." }]
      : [],
  put: (s3, bucket, { policy }) =>
    s3.putBucketPolicy({
      ...bucket,
      Policy: typeof policy === "string" ? policy : JSON.stringify(policy),
    }),
  async get(s3, bucket) {
    const { Policy } = await s3.getBucketPolicy(bucket);
    return Policy === undefined ? undefined : { policy: Policy };
  },
  remove: (s3, bucket) => s3.deleteBucketPolicy(bucket),
});

const names = (doc: string) => optional({ array: "string" }, doc, { unset: [], normalize: asSet });

/** `aws.s3.BucketCorsConfiguration`. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html */
export const bucketCors = bucketSetting({
  name: "BucketCorsConfiguration",
  title: "bucket CORS configuration",
  doc: "Which pages of other origins may use a bucket. https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html",
  properties: {
    ...ownerRow,
    corsRules: required(
      {
        array: {
          object: {
            allowedHeaders: names("Headers that requests may have."),
            allowedMethods: required({ array: "string" }, "Methods that are allowed.", {
              normalize: asSet,
            }),
            allowedOrigins: required({ array: "string" }, "Origins that are allowed.", {
              normalize: asSet,
            }),
            exposeHeaders: names("Headers that pages see."),
            id: optional("string", "Id of the rule.", { unset: "" }),
            maxAgeSeconds: optional("integer", "How long an answer to a preflight is kept."),
          },
        },
      },
      "Rules, of which the first that fits counts.",
    ),
  },
  async put(s3, bucket, { corsRules }) {
    const CORSRules = corsRules.map(
      (rule) =>
        present({
          AllowedHeaders: rule.allowedHeaders,
          AllowedMethods: rule.allowedMethods,
          AllowedOrigins: rule.allowedOrigins,
          ExposeHeaders: rule.exposeHeaders,
          ID: rule.id || undefined,
          MaxAgeSeconds: rule.maxAgeSeconds,
        }) as CORSRule,
    );
    await s3.putBucketCors({ ...bucket, CORSConfiguration: { CORSRules } });
  },
  async get(s3, bucket) {
    const { CORSRules } = await s3.getBucketCors(bucket);
    return (
      CORSRules && {
        corsRules: CORSRules.map((rule) => ({
          allowedMethods: rule.AllowedMethods ?? [],
          allowedOrigins: rule.AllowedOrigins ?? [],
          ...present({
            allowedHeaders: rule.AllowedHeaders,
            exposeHeaders: rule.ExposeHeaders,
            id: rule.ID,
            maxAgeSeconds: rule.MaxAgeSeconds,
          }),
        })),
      }
    );
  },
  remove: (s3, bucket) => s3.deleteBucketCors(bucket),
});
