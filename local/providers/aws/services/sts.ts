import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import { operations } from "../operations.ts";

/** STS. @see https://docs.aws.amazon.com/STS/latest/APIReference/ */
export const openSts = (options: STSClientConfig) =>
  operations(new STSClient(options), { getCallerIdentity: GetCallerIdentityCommand });
