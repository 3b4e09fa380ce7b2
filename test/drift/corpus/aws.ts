import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateTagsCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import {
  AddTagsToResourceCommand as AddCacheTagsCommand,
  CreateUserCommand,
  DeleteUserCommand,
  ModifyCacheParameterGroupCommand,
  ModifyCacheSubnetGroupCommand,
  ModifyReplicationGroupCommand,
  ModifyUserCommand,
  ModifyUserGroupCommand,
  ResetCacheParameterGroupCommand,
} from "@aws-sdk/client-elasticache";
import {
  AddTagsToResourceCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
  ModifyDBSubnetGroupCommand,
} from "@aws-sdk/client-rds";
import {
  DeleteBucketCommand,
  DeleteBucketOwnershipControlsCommand,
  DeletePublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { until } from "../../support/aws.ts";
import type { DriftCase } from "./drift-case.ts";
import type { Vendors } from "./vendors.ts";

const INSTANCE = "rds/instance:Instance";
const GROUP = "securityGroup:SecurityGroup";
const CACHE = ":ReplicationGroup";
const USER = "elasticache/user:User";
const USERS = ":UserGroup";
const PARAMETERS = "elasticache/parameterGroup:ParameterGroup";
const BUCKET = "s3/bucket:Bucket";
const BLOCK = ":BucketPublicAccessBlock";
const VERSIONING = ":BucketVersioning";
const ENCRYPTION = ":BucketServerSideEncryptionConfiguration";
const OWNERSHIP = ":BucketOwnershipControls";
const VPC = ":Vpc";

const DATABASE = "instainstru-postgres";
const CACHE_NAME = "instainstru-cache";
const UPLOADS = "instainstru-uploads";
/** A login that no stack owns. */
const INTRUDER = "intruder";
const BY_HAND = { Key: "Owner", Value: "by-hand" };

export const AWS_DRIFTS: readonly DriftCase[] = [
  {
    name: "gives a database an address on the internet",
    batch: 1,
    on: { staging: "medium", production: "high" },
    subject: [INSTANCE, DATABASE],
    path: "publiclyAccessible",
    rules: ["no-public-database"],
    make: (vendors) => modify(vendors, { PubliclyAccessible: true }),
  },
  {
    name: "takes a database's standby away",
    batch: 1,
    on: { production: "high" },
    subject: [INSTANCE, DATABASE],
    path: "multiAz",
    make: (vendors) => modify(vendors, { MultiAZ: false }),
  },
  {
    name: "lets a database be deleted",
    batch: 2,
    on: { production: "high" },
    subject: [INSTANCE, DATABASE],
    path: "deletionProtection",
    rules: ["production-backups"],
    make: (vendors) => modify(vendors, { DeletionProtection: false }),
  },
  {
    name: "has no backups made of a database",
    batch: 2,
    on: { staging: "medium", production: "high" },
    subject: [INSTANCE, DATABASE],
    path: "backupRetentionPeriod",
    make: (vendors) => modify(vendors, { BackupRetentionPeriod: 0 }),
  },
  {
    name: "gives a database a bigger machine",
    batch: 1,
    on: { staging: "low" },
    subject: [INSTANCE, DATABASE],
    path: "instanceClass",
    make: (vendors) => modify(vendors, { DBInstanceClass: "db.t4g.small" }),
  },
  {
    name: "tags a database",
    batch: 3,
    on: { staging: "low" },
    subject: [INSTANCE, DATABASE],
    path: /^tags/,
    make: ({ rds, find }) =>
      rds.send(
        new AddTagsToResourceCommand({
          ResourceName: find(INSTANCE, DATABASE).outputs.arn,
          Tags: [BY_HAND],
        }),
      ),
  },
  {
    name: "describes a database's subnets anew",
    batch: 1,
    on: { staging: "low", production: "low" },
    subject: ["rds/subnetGroup:SubnetGroup", DATABASE],
    path: "description",
    make: ({ rds, find }) => {
      const { inputs } = find("rds/subnetGroup:SubnetGroup", DATABASE);
      return rds.send(
        new ModifyDBSubnetGroupCommand({
          DBSubnetGroupName: inputs.name,
          DBSubnetGroupDescription: "changed by hand",
          SubnetIds: inputs.subnetIds,
        }),
      );
    },
  },
  {
    name: "opens a database's security group to everybody",
    batch: 1,
    on: { staging: "medium", production: "high" },
    subject: [GROUP, DATABASE],
    path: /^ingress/,
    rules: ["no-public-database"],
    make: ({ ec2, find }) =>
      ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: find(GROUP, DATABASE).id,
          IpPermissions: [permission(5432, "0.0.0.0/0")],
        }),
      ),
  },
  {
    name: "lets nobody reach a cache any more",
    batch: 2,
    on: { staging: "low", production: "medium" },
    subject: [GROUP, CACHE_NAME],
    path: /^ingress/,
    make: ({ ec2, find }) =>
      ec2.send(
        new RevokeSecurityGroupIngressCommand({
          GroupId: find(GROUP, CACHE_NAME).id,
          IpPermissions: [permission(6379, "10.40.0.0/16")],
        }),
      ),
  },
  {
    name: "lets a database's machine call out",
    batch: 2,
    on: { staging: "low" },
    subject: [GROUP, DATABASE],
    path: /^egress/,
    make: ({ ec2, find }) =>
      ec2.send(
        new AuthorizeSecurityGroupEgressCommand({
          GroupId: find(GROUP, DATABASE).id,
          IpPermissions: [permission(443, "0.0.0.0/0")],
        }),
      ),
  },
  {
    name: "takes a network's host names away",
    batch: 1,
    on: { staging: "low" },
    subject: [VPC, "instainstru-network"],
    path: "enableDnsHostnames",
    make: ({ ec2, find }) =>
      ec2.send(
        new ModifyVpcAttributeCommand({
          VpcId: find(VPC, "instainstru-network").id,
          EnableDnsHostnames: { Value: false },
        }),
      ),
  },
  {
    name: "tags a network",
    batch: 1,
    on: { production: "low" },
    subject: [VPC, "instainstru-network"],
    path: /^tags/,
    make: ({ ec2, find }) =>
      ec2.send(
        new CreateTagsCommand({
          Resources: [find(VPC, "instainstru-network").id],
          Tags: [BY_HAND],
        }),
      ),
  },
  {
    name: "has a subnet give its machines public addresses",
    batch: 1,
    on: { staging: "medium", production: "high" },
    subject: [":Subnet", "instainstru-network-a"],
    path: "mapPublicIpOnLaunch",
    make: ({ ec2, find }) =>
      ec2.send(
        new ModifySubnetAttributeCommand({
          SubnetId: find(":Subnet", "instainstru-network-a").id,
          MapPublicIpOnLaunch: { Value: true },
        }),
      ),
  },
  {
    name: "tags a subnet",
    batch: 1,
    on: { staging: "low" },
    subject: [":Subnet", "instainstru-network-b"],
    path: /^tags/,
    make: ({ ec2, find }) =>
      ec2.send(
        new CreateTagsCommand({
          Resources: [find(":Subnet", "instainstru-network-b").id],
          Tags: [BY_HAND],
        }),
      ),
  },
  {
    name: "has no snapshots kept of a cache",
    batch: 1,
    on: { production: "high" },
    subject: [CACHE, CACHE_NAME],
    path: "snapshotRetentionLimit",
    make: (vendors) => modifyCache(vendors, { SnapshotRetentionLimit: 0 }),
  },
  {
    name: "describes a cache anew",
    batch: 1,
    on: { staging: "low" },
    subject: [CACHE, CACHE_NAME],
    path: "description",
    make: (vendors) => modifyCache(vendors, { ReplicationGroupDescription: "changed by hand" }),
  },
  {
    name: "has a cache no longer fail over",
    batch: 2,
    on: { production: "high" },
    subject: [CACHE, CACHE_NAME],
    path: "automaticFailoverEnabled",
    make: (vendors) =>
      modifyCache(vendors, { AutomaticFailoverEnabled: false, MultiAZEnabled: false }),
  },
  {
    name: "gives an application's login all rights on a cache",
    batch: 1,
    on: { staging: "medium", production: "high" },
    subject: [USER, "instainstru-cache-api"],
    path: "accessString",
    make: ({ elastiCache, find }) =>
      elastiCache.send(
        new ModifyUserCommand({
          UserId: find(USER, "instainstru-cache-api").id,
          AccessString: "on ~* &* +@all",
        }),
      ),
  },
  {
    name: "tags an application's login",
    batch: 2,
    on: { staging: "low" },
    subject: [USER, "instainstru-cache-worker"],
    path: /^tags/,
    make: (vendors) => tagCache(vendors, USER, "instainstru-cache-worker"),
  },
  {
    name: "lets one more login into a cache",
    batch: 1,
    on: { staging: "medium" },
    subject: [USERS, CACHE_NAME],
    path: /^userIds/,
    echoes: [[USER, INTRUDER]],
    undo: ({ elastiCache }) => elastiCache.send(new DeleteUserCommand({ UserId: INTRUDER })),
    make: async ({ elastiCache, find }) => {
      await elastiCache.send(
        new CreateUserCommand({
          UserId: INTRUDER,
          UserName: INTRUDER,
          Engine: "valkey",
          AccessString: "on ~* +@all",
          Passwords: ["only-the-intruder-knows-0123456789"],
        }),
      );
      await elastiCache.send(
        new ModifyUserGroupCommand({
          UserGroupId: find(USERS, CACHE_NAME).id,
          UserIdsToAdd: [INTRUDER],
        }),
      );
    },
  },
  {
    name: "takes an application's login out of a cache",
    batch: 2,
    on: { production: "high" },
    subject: [USERS, CACHE_NAME],
    path: /^userIds/,
    // Who is out of the group logs in no more.
    echoes: [[USER, "instainstru-cache-worker"]],
    make: ({ elastiCache, find }) =>
      elastiCache.send(
        new ModifyUserGroupCommand({
          UserGroupId: find(USERS, CACHE_NAME).id,
          UserIdsToRemove: [find(USER, "instainstru-cache-worker").id],
        }),
      ),
  },
  {
    name: "deletes an application's login of a cache",
    batch: 2,
    on: { staging: "medium" },
    kind: "deleted",
    subject: [USER, "instainstru-cache-api"],
    echoes: [[USERS, CACHE_NAME]],
    make: ({ elastiCache, find }) =>
      elastiCache.send(new DeleteUserCommand({ UserId: find(USER, "instainstru-cache-api").id })),
  },
  {
    name: "has a cache forget something else when its memory is full",
    batch: 1,
    on: { production: "high" },
    subject: [PARAMETERS, CACHE_NAME],
    path: /^parameters\[maxmemory-policy\]/,
    make: ({ elastiCache, find }) =>
      elastiCache.send(
        new ModifyCacheParameterGroupCommand({
          CacheParameterGroupName: find(PARAMETERS, CACHE_NAME).id,
          ParameterNameValues: [
            { ParameterName: "maxmemory-policy", ParameterValue: "allkeys-random" },
          ],
        }),
      ),
  },
  {
    name: "resets a cache's parameters",
    batch: 2,
    on: { staging: "medium" },
    subject: [PARAMETERS, CACHE_NAME],
    path: /^parameters/,
    make: ({ elastiCache, find }) =>
      elastiCache.send(
        new ResetCacheParameterGroupCommand({
          CacheParameterGroupName: find(PARAMETERS, CACHE_NAME).id,
          ResetAllParameters: true,
        }),
      ),
  },
  {
    name: "describes a cache's subnets anew",
    batch: 2,
    on: { staging: "low" },
    subject: ["elasticache/subnetGroup:SubnetGroup", CACHE_NAME],
    path: "description",
    make: ({ elastiCache, find }) =>
      elastiCache.send(
        new ModifyCacheSubnetGroupCommand({
          CacheSubnetGroupName: find("elasticache/subnetGroup:SubnetGroup", CACHE_NAME).id,
          CacheSubnetGroupDescription: "changed by hand",
        }),
      ),
  },
  {
    name: "deletes a bucket",
    batch: 2,
    on: { staging: "high" },
    kind: "deleted",
    subject: [BUCKET, UPLOADS],
    echoes: [BLOCK, VERSIONING, ENCRYPTION, OWNERSHIP].map((type) => [type, UPLOADS] as const),
    make: ({ s3, find }) => s3.send(new DeleteBucketCommand({ Bucket: find(BUCKET, UPLOADS).id })),
  },
  {
    name: "tags a bucket",
    batch: 2,
    on: { production: "low" },
    subject: [BUCKET, UPLOADS],
    path: /^tags/,
    make: ({ s3, find }) => {
      const { id, inputs } = find(BUCKET, UPLOADS);
      const TagSet = Object.entries(inputs.tags).map(([Key, Value]) => ({
        Key,
        Value: String(Value),
      }));
      return s3.send(
        new PutBucketTaggingCommand({ Bucket: id, Tagging: { TagSet: [...TagSet, BY_HAND] } }),
      );
    },
  },
  {
    name: "takes a bucket's block of public access away",
    batch: 1,
    on: { production: "high" },
    kind: "deleted",
    subject: [BLOCK, UPLOADS],
    make: ({ s3, find }) =>
      s3.send(new DeletePublicAccessBlockCommand({ Bucket: find(BUCKET, UPLOADS).id })),
  },
  {
    name: "lets a bucket have a public policy",
    batch: 1,
    on: { staging: "medium" },
    subject: [BLOCK, UPLOADS],
    path: "blockPublicPolicy",
    rules: ["private-bucket"],
    make: ({ s3, find }) =>
      s3.send(
        new PutPublicAccessBlockCommand({
          Bucket: find(BUCKET, UPLOADS).id,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: false,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
        }),
      ),
  },
  {
    name: "has a bucket keep no earlier versions",
    batch: 1,
    on: { staging: "medium", production: "high" },
    subject: [VERSIONING, UPLOADS],
    path: "versioningConfiguration.status",
    echoes: [[BUCKET, UPLOADS]],
    make: ({ s3, find }) =>
      s3.send(
        new PutBucketVersioningCommand({
          Bucket: find(BUCKET, UPLOADS).id,
          VersioningConfiguration: { Status: "Suspended" },
        }),
      ),
  },
  {
    name: "has a bucket encrypted with another key",
    batch: 2,
    on: { production: "high" },
    subject: [ENCRYPTION, UPLOADS],
    path: /^rules/,
    make: ({ s3, find }) =>
      s3.send(
        new PutBucketEncryptionCommand({
          Bucket: find(BUCKET, UPLOADS).id,
          ServerSideEncryptionConfiguration: {
            Rules: [
              {
                ApplyServerSideEncryptionByDefault: {
                  SSEAlgorithm: "AES256",
                },
                BucketKeyEnabled: true,
              },
            ],
          },
        }),
      ),
  },
  {
    name: "lets writers of objects own them",
    batch: 1,
    on: { production: "high" },
    subject: [OWNERSHIP, UPLOADS],
    path: "rule.objectOwnership",
    make: ({ s3, find }) =>
      s3.send(
        new PutBucketOwnershipControlsCommand({
          Bucket: find(BUCKET, UPLOADS).id,
          OwnershipControls: { Rules: [{ ObjectOwnership: "ObjectWriter" }] },
        }),
      ),
  },
  {
    name: "takes a bucket's ownership controls away",
    batch: 1,
    on: { staging: "medium" },
    kind: "deleted",
    subject: [OWNERSHIP, UPLOADS],
    make: ({ s3, find }) =>
      s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket: find(BUCKET, UPLOADS).id })),
  },
];

/** An instance takes no change while another one is made. */
async function modify(
  { rds, find }: Vendors,
  change: Partial<ModifyDBInstanceCommandInput>,
): Promise<void> {
  const DBInstanceIdentifier: string = find(INSTANCE, DATABASE).inputs.identifier;
  const ask = () => rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  const isAvailable = ({ DBInstances: [found] = [] }: Awaited<ReturnType<typeof ask>>) =>
    found?.DBInstanceStatus === "available";
  await until(ask, isAvailable);
  await rds.send(
    new ModifyDBInstanceCommand({ DBInstanceIdentifier, ApplyImmediately: true, ...change }),
  );
  await until(ask, isAvailable);
}

const modifyCache = ({ elastiCache, find }: Vendors, change: object) =>
  elastiCache.send(
    new ModifyReplicationGroupCommand({
      ReplicationGroupId: find(CACHE, CACHE_NAME).id,
      ApplyImmediately: true,
      ...change,
    }),
  );

const tagCache = ({ elastiCache, find }: Vendors, type: string, name: string) =>
  elastiCache.send(
    new AddCacheTagsCommand({ ResourceName: find(type, name).outputs.arn, Tags: [BY_HAND] }),
  );

const permission = (port: number, range: string) => ({
  IpProtocol: "tcp",
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp: range }],
});
