import { ProviderError } from "../../../../../providers/sdk/fault.ts";
import type { AwsClient } from "../../client.ts";

/**
 * Deletes everything in a bucket, old versions included, up to a thousand at once, as the vendor allows.
 * Throws when the vendor keeps one, such as a locked one.
 */
export async function emptyBucket(
  s3: Awaited<ReturnType<AwsClient["s3"]>>,
  bucket: string,
): Promise<void> {
  for (;;) {
    const page = await s3.listObjectVersions({ Bucket: bucket });
    const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (found.length === 0) return;
    const { Errors: [error] = [] } = await s3.deleteObjects({
      Bucket: bucket,
      Delete: {
        Quiet: true,
        Objects: found.map(({ Key, VersionId }) => ({
          Key,
          ...(VersionId ? { VersionId } : {}),
        })),
      },
    });
    if (error !== undefined)
      throw new ProviderError(
        `The object ${error.Key} of the bucket ${bucket} could not be deleted: ${error.Message} (code ${error.Code}). Delete it by itself, and run the command again.`,
      );
  }
}
