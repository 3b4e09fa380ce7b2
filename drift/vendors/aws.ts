/** Amazon's own clients, by the credentials of a stack. */
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { RDSClient } from "@aws-sdk/client-rds";
import type { S3Client } from "@aws-sdk/client-s3";
import type { AwsAccess } from "./accounts.ts";
import { REQUEST_TIMEOUTS, s3Client } from "./s3.ts";

/** One account in one region; buckets are those of all regions. */
export interface AwsClients {
  readonly ec2: EC2Client;
  readonly rds: RDSClient;
  readonly elasticache: ElastiCacheClient;
  readonly s3: S3Client;
}

export async function openAwsClients(access: AwsAccess): Promise<AwsClients> {
  const { accessKeyId, secretAccessKey, region, endpoint } = access;
  const options = {
    region,
    credentials: { accessKeyId, secretAccessKey },
    ...(endpoint === undefined ? {} : { endpoint }),
    requestHandler: REQUEST_TIMEOUTS,
  };
  return {
    ec2: new EC2Client(options),
    rds: new RDSClient(options),
    elasticache: new ElastiCacheClient(options),
    s3: await s3Client(access, region),
  };
}
