import { S3Client } from "@aws-sdk/client-s3";
import { sha256Hex } from "../../../local/cloudflare/identifiers.ts";
import type { TestCloud, TestEnvironment } from "../../support/local-cloud.ts";

/** The S3 credentials of the environment's token, by the vendor's rule. */
export const s3Credentials = ({ tokenId, apiToken }: TestEnvironment) => ({
  accessKeyId: tokenId,
  secretAccessKey: sha256Hex(apiToken),
});

/** The AWS SDK for one environment, with other credentials or another region where given. */
export const s3Client = (
  { s3Url }: TestCloud,
  environment: TestEnvironment,
  {
    region = "auto",
    ...credentials
  }: Partial<Record<"region" | "accessKeyId" | "secretAccessKey", string>> = {},
): S3Client =>
  new S3Client({
    endpoint: s3Url,
    region,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { ...s3Credentials(environment), ...credentials },
  });

/** Bytes that differ from place to place, the same each time. */
export const bytesOf = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255);
