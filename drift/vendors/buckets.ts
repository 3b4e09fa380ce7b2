/** Buckets of whoever speaks S3: Spaces and Amazon's own. */
import {
  type BucketLocationConstraint,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  ListObjectVersionsCommand,
  paginateListBuckets,
  type S3Client,
} from "@aws-sdk/client-s3";

/** A bucket as the list tells of it. */
export interface ListedBucket {
  readonly name: string;
  readonly createdAt: Date | undefined;
}

export async function listBuckets(s3: S3Client): Promise<ListedBucket[]> {
  const found: ListedBucket[] = [];
  for await (const { Buckets = [] } of paginateListBuckets({ client: s3 }, {}))
    for (const { Name: name, CreationDate: createdAt } of Buckets)
      if (name !== undefined) found.push({ name, createdAt });
  return found;
}

/** The region that a bucket is in; undefined for the one that S3 does not name. */
export async function regionOfBucket(
  s3: S3Client,
  bucket: string,
): Promise<BucketLocationConstraint | undefined> {
  const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket: bucket }));
  return LocationConstraint || undefined;
}

/** Whether a bucket holds objects, or earlier versions of some. */
export async function holdsObjects(s3: S3Client, bucket: string): Promise<boolean> {
  const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1 }));
  return (page.Versions ?? []).length + (page.DeleteMarkers ?? []).length > 0;
}

/**
 * Deletes a bucket with every version of every object.
 *
 * @throws Error naming an object that the vendor keeps, such as a locked one.
 */
export async function removeBucket(s3: S3Client, bucket: string): Promise<void> {
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (found.length === 0) break;
    const Objects = found.map(({ Key, VersionId }) => ({ Key: Key ?? "", VersionId }));
    const { Errors: [kept] = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Quiet: true, Objects } }),
    );
    // The next page would hold it again, for ever.
    if (kept !== undefined)
      throw new Error(
        `The object ${kept.Key} of the bucket ${bucket} was not deleted: ${kept.Message ?? kept.Code}. ` +
          "Delete it by itself, and run the command again.",
      );
  }
  await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
}
