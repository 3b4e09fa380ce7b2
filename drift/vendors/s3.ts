/** Clients of S3 and of what speaks like it. */
import type { S3Client } from "@aws-sdk/client-s3";
import type { S3Access } from "./accounts.ts";

/** Milliseconds: a vendor that does not answer is a problem to report, and nothing to wait for. */
export const REQUEST_TIMEOUTS = { connectionTimeout: 10_000, requestTimeout: 60_000 };

/** A client for buckets of one region, and at Amazon of all; its user ends it by `destroy`. The library is loaded at the first. */
export async function s3Client(
  { accessKeyId, secretAccessKey, endpoint }: S3Access,
  region: string,
): Promise<S3Client> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  return new S3Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    // Another endpoint than the vendor's own has one name for all buckets.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    followRegionRedirects: true,
    // Spaces knows no other checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: REQUEST_TIMEOUTS,
  });
}
