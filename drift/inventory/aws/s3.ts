/** Amazon's buckets, of all regions. */
import { GetBucketTaggingCommand, S3ServiceException } from "@aws-sdk/client-s3";
import type { AwsClients } from "../../vendors/aws.ts";
import { holdsObjects, listBuckets, removeBucket } from "../../vendors/buckets.ts";
import { type Labels, type Product, productsOf } from "../product.ts";
import { labelsOf } from "./tags.ts";

export const S3_PRODUCTS: readonly Product<AwsClients>[] = [
  productsOf<AwsClients>()({
    types: ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"],
    thing: "S3 bucket",
    permission: "the right s3:ListAllMyBuckets",
    list: ({ s3 }) => listBuckets(s3),
    item: ({ name, createdAt }) => ({ id: name, name, createdAt }),
    labels: ({ s3 }, { name }) => tagsOf(s3, name),
    holds: async ({ s3 }, { name }) => ((await holdsObjects(s3, name)) ? "objects" : undefined),
    remove: ({ s3 }, { name }) => removeBucket(s3, name),
  }),
];

async function tagsOf(s3: AwsClients["s3"], bucket: string): Promise<Labels> {
  try {
    const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket: bucket }));
    return labelsOf(TagSet);
  } catch (error) {
    // S3's way to say that there are none.
    if (error instanceof S3ServiceException && error.name === "NoSuchTagSet") return {};
    throw error;
  }
}
