import type { BucketLocationConstraint } from "@aws-sdk/client-s3";
import { VendorFault } from "../../../../../providers/sdk/fault.ts";
import type { AwsClient, Regional } from "../../client.ts";
import { awsCode, orMissing } from "../../fault.ts";
import { fitName, nameConflicts, nameRow, prefixRow } from "../../names.ts";
import { optional, output } from "../../rows.ts";
import { type AwsContext, define, regionRow } from "../../shared.ts";
import { allTags, liveTags, tagList, tagRows } from "../../tags.ts";
import { emptyBucket } from "./empty-bucket.ts";
import { inlineRows, refuseInline } from "./inline-settings.ts";

/** The region whose buckets have no location constraint. */
const FIRST_REGION = "us-east-1";

const properties = {
  ...regionRow,
  ...tagRows,
  ...inlineRows,
  bucket: nameRow("Name of the bucket.", 63),
  bucketPrefix: prefixRow("bucket"),
  forceDestroy: optional("boolean", "Whether objects are deleted with the bucket.", {
    unset: false,
  }),
  objectLockEnabled: optional("boolean", "Whether objects can be locked.", {
    replace: true,
    unset: false,
  }),
  arn: output("string", "ARN of the bucket."),
  bucketDomainName: output("string", "Host name of the bucket."),
  bucketRegion: output("string", "Region of the bucket."),
  bucketRegionalDomainName: output("string", "Host name of the bucket in its region."),
} as const;

/** `aws.s3.Bucket`. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export const bucket = define({
  token: "aws:s3/bucket:Bucket",
  title: "S3 bucket",
  doc: "An S3 bucket. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingBucket.html",
  identity: ["bucket"],
  importFormat: "<bucket>",
  properties,
  // In us-east-1 the vendor answers a creation of one's own bucket as if it had made it anew.
  creationTimeUnknown: true,
  parseImportId: (id) => (id === "" ? undefined : { id, state: { bucket: id } }),
  seal: fitName("bucket", "bucketPrefix"),
  validate: (inputs) => [
    ...refuseInline(inputs),
    ...nameConflicts(inputs, "bucket", "bucketPrefix"),
  ],
  async create({ client }, inputs) {
    const s3 = await client.s3(inputs);
    const region = client.regionOf(inputs);
    await s3.createBucket({
      Bucket: inputs.bucket,
      ...(region === FIRST_REGION
        ? {}
        : {
            CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint },
          }),
      ...(inputs.objectLockEnabled ? { ObjectLockEnabledForBucket: true } : {}),
    });
    return { id: inputs.bucket, state: stateOf(inputs.bucket, region) };
  },
  async finish(context, live, inputs) {
    const wanted = allTags(context.client, inputs);
    const { tagsAll } = await tagsOf(context, live.id, inputs);
    if (!sameTags(tagsAll, wanted)) await putTags(context, live.id, inputs, wanted);
    return { id: live.id, state: { ...live.state, tagsAll: wanted } };
  },
  async read(context, id, { inputs, state }) {
    const region = await bucketRegion(context.client, state, id);
    if (region === undefined) return undefined;
    const known = { region: state.region, ...inputs };
    const lock =
      inputs === undefined ? { objectLockEnabled: await isLocked(context, id, state) } : {};
    return {
      id,
      state: { ...stateOf(id, region), ...lock, ...(await tagsOf(context, id, known)) },
    };
  },
  // Tags are brought up to date by `finish`; the others only say what a deletion does.
  async update() {
    return {};
  },
  async delete({ client }, id, state) {
    const s3 = await client.s3(state);
    try {
      await s3.deleteBucket({ Bucket: id });
    } catch (error) {
      if (awsCode(error) !== "BucketNotEmpty" || !state.forceDestroy) throw error;
      await emptyBucket(s3, id);
      await s3.deleteBucket({ Bucket: id });
    }
  },
  async findExisting({ client }, inputs) {
    const region = await bucketRegion(client, inputs, inputs.bucket);
    return region === undefined
      ? undefined
      : { id: inputs.bucket, state: stateOf(inputs.bucket, region) };
  },
});

function stateOf(name: string, region: string) {
  return {
    bucket: name,
    region,
    arn: `arn:aws:s3:::${name}`,
    bucketDomainName: `${name}.s3.amazonaws.com`,
    bucketRegion: region,
    bucketRegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
  };
}

/** Where a bucket is; undefined when there is none. Throws for one of another account. */
async function bucketRegion(
  client: AwsClient,
  where: Regional,
  name: string,
): Promise<string | undefined> {
  const s3 = await client.s3(where);
  try {
    const found = await orMissing(s3.headBucket({ Bucket: name }));
    return found && (found.BucketRegion || client.regionOf(where));
  } catch (error) {
    // An answer to HEAD has no body that could say more.
    if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode !== 403)
      throw error;
    throw new VendorFault("refused", `the bucket ${name} belongs to another account`, {
      code: "AccessDenied",
      remedy: "Names of buckets are unique among all accounts: choose another one.",
    });
  }
}

async function isLocked({ client }: AwsContext, name: string, where: Regional): Promise<boolean> {
  const s3 = await client.s3(where);
  const answer = await orMissing(s3.getObjectLock({ Bucket: name }));
  return answer?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled";
}

type Known = Regional & { readonly tags?: { readonly [key: string]: string } | undefined };

async function tagsOf({ client }: AwsContext, name: string, known: Known) {
  const s3 = await client.s3(known);
  const answer = await orMissing(s3.getBucketTagging({ Bucket: name }));
  return liveTags(client, answer?.TagSet, known);
}

async function putTags(
  { client }: AwsContext,
  name: string,
  where: Regional,
  tags: ReturnType<typeof allTags>,
): Promise<void> {
  const s3 = await client.s3(where);
  const TagSet = tagList(tags);
  if (TagSet.length === 0) await s3.deleteBucketTagging({ Bucket: name });
  else await s3.putBucketTagging({ Bucket: name, Tagging: { TagSet } });
}

function sameTags(left: ReturnType<typeof allTags>, right: ReturnType<typeof allTags>): boolean {
  const [a, b] = [Object.entries(left), Object.entries(right)];
  return a.length === b.length && a.every(([key, value]) => right[key] === value);
}
