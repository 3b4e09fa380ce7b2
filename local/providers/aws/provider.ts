/** The `aws` provider for the local cloud: the official package's resources, over the official SDK. */
import type { ProviderDefinition } from "../../../providers/sdk/definition.ts";
import { type AwsClient, connect } from "./client.ts";
import { configProperties, describeEndpoint, endpointsOf } from "./config.ts";
import { awsFault } from "./fault.ts";
import { getAvailabilityZones, getCallerIdentity, getRegion } from "./functions/functions.ts";
import { securityGroup } from "./resources/ec2/security-group.ts";
import { egressRule, ingressRule } from "./resources/ec2/security-group-rule.ts";
import { subnet } from "./resources/ec2/subnet.ts";
import { vpc } from "./resources/ec2/vpc.ts";
import { cacheParameterGroup } from "./resources/elasticache/parameter-group.ts";
import { replicationGroup } from "./resources/elasticache/replication-group.ts";
import { cacheSubnetGroup } from "./resources/elasticache/subnet-group.ts";
import { cacheUser } from "./resources/elasticache/user.ts";
import { cacheUserGroup } from "./resources/elasticache/user-group.ts";
import { dbInstance } from "./resources/rds/instance.ts";
import { dbParameterGroup } from "./resources/rds/parameter-group.ts";
import { dbSnapshot } from "./resources/rds/snapshot.ts";
import { dbSubnetGroup } from "./resources/rds/subnet-group.ts";
import { bucket } from "./resources/s3/bucket.ts";
import { bucketLifecycle } from "./resources/s3/lifecycle.ts";
import {
  bucketCors,
  bucketEncryption,
  bucketOwnershipControls,
  bucketPolicy,
  bucketPublicAccessBlock,
  bucketVersioning,
} from "./resources/s3/settings.ts";

/** The provider at the version of the installed npm package, so that programs find it. */
export function awsProvider(version: string): ProviderDefinition<AwsClient> {
  return {
    name: "aws",
    version,
    doc: "AWS, as far as Bulkhead's local cloud serves it.",
    npmPackage: "@pulumi/aws",
    config: configProperties,
    resources: [
      bucket,
      bucketCors,
      bucketEncryption,
      bucketLifecycle,
      bucketOwnershipControls,
      bucketPolicy,
      bucketPublicAccessBlock,
      bucketVersioning,
      cacheParameterGroup,
      cacheSubnetGroup,
      cacheUser,
      cacheUserGroup,
      dbInstance,
      dbParameterGroup,
      dbSnapshot,
      dbSubnetGroup,
      egressRule,
      ingressRule,
      replicationGroup,
      securityGroup,
      subnet,
      vpc,
    ],
    functions: [getAvailabilityZones, getCallerIdentity, getRegion],
    connect,
    endpoint: (config) => describeEndpoint(config, process.env),
    toFault: (error, config) => awsFault(error, Object.values(endpointsOf(config, process.env))),
  };
}
