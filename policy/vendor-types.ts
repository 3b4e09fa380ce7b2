/**
 * Type tokens of the vendors' resources that several rules look at.
 * Source: the Pulumi registry's schemas of cloudflare 6, digitalocean 4, aws 6 and 7.
 */

export const WORKER = "cloudflare:index/workersScript:WorkersScript";

export const HYPERDRIVE = "cloudflare:index/hyperdriveConfig:HyperdriveConfig";

export const D1_MIGRATIONS = "bulkhead:d1:Migrations";

export const DIGITALOCEAN_DATABASE = "digitalocean:index/databaseCluster:DatabaseCluster";

export const RDS_INSTANCE = "aws:rds/instance:Instance";

export const RDS_CLUSTER = "aws:rds/cluster:Cluster";

export const ELASTICACHE_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";

export const ELASTICACHE_CLUSTER = "aws:elasticache/cluster:Cluster";

export const DYNAMODB_TABLE = "aws:dynamodb/table:Table";

export const SPACES_BUCKET = "digitalocean:index/spacesBucket:SpacesBucket";

/** Version 7 of the provider gave `Bucket` the properties of `BucketV2`. */
export const S3_BUCKETS = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];

/** Resources whose deletion takes data with it. */
export const DATA_RESOURCES: ReadonlySet<string> = new Set([
  "cloudflare:index/d1Database:D1Database",
  "cloudflare:index/r2Bucket:R2Bucket",
  "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  DIGITALOCEAN_DATABASE,
  "digitalocean:index/databaseDb:DatabaseDb",
  SPACES_BUCKET,
  "digitalocean:index/volume:Volume",
  ...S3_BUCKETS,
  RDS_INSTANCE,
  RDS_CLUSTER,
  DYNAMODB_TABLE,
  "aws:docdb/cluster:Cluster",
  "aws:ebs/volume:Volume",
  "aws:efs/fileSystem:FileSystem",
  "aws:neptune/cluster:Cluster",
  "aws:redshift/cluster:Cluster",
]);
