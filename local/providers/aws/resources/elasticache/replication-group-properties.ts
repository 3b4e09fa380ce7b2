/** Property table of a replication group: what this plugin supports of `aws.elasticache.ReplicationGroup`. */
import type { Properties } from "../../../../../providers/sdk/properties.ts";
import { nameRow } from "../../names.ts";
import { inherited, optional, output, REPLACE, required } from "../../rows.ts";
import { asSet, lowerCase, regionRow } from "../../shared.ts";
import { tagRows } from "../../tags.ts";

/** The whole table. @see https://www.pulumi.com/registry/packages/aws/api-docs/elasticache/replicationgroup/ */
export const replicationGroupProperties = {
  ...regionRow,
  ...tagRows,
  replicationGroupId: nameRow("Id of the group.", 40, { normalize: lowerCase }),
  description: required("string", "Description of the group."),
  applyImmediately: optional("boolean", "Whether changes are made at once.", { unset: false }),
  atRestEncryptionEnabled: inherited("boolean", "Whether data is encrypted at rest.", REPLACE),
  authToken: optional("string", "Password of the server.", { secret: true }),
  authTokenUpdateStrategy: optional("string", "How a new password takes effect.", {
    values: ["SET", "ROTATE", "DELETE"],
  }),
  autoMinorVersionUpgrade: inherited("boolean", "Whether minor versions are upgraded."),
  automaticFailoverEnabled: optional("boolean", "Whether a replica takes over.", { unset: false }),
  clusterMode: inherited("string", "Whether data is spread over shards.", {
    values: ["enabled", "disabled", "compatible"],
  }),
  dataTieringEnabled: inherited("boolean", "Whether data is tiered.", REPLACE),
  engine: inherited("string", "Cache engine.", {
    values: ["redis", "valkey"],
    normalize: lowerCase,
  }),
  engineVersion: inherited("string", "Engine version, or the first part of one."),
  finalSnapshotIdentifier: optional("string", "Name of the snapshot that a deletion leaves."),
  ipDiscovery: inherited("string", "IP version that is told.", { values: ["ipv4", "ipv6"] }),
  kmsKeyId: optional("string", "ARN of the key of data at rest.", REPLACE),
  maintenanceWindow: inherited("string", "Weekly time range of maintenance.", {
    normalize: lowerCase,
  }),
  multiAzEnabled: optional("boolean", "Whether nodes are in several zones.", { unset: false }),
  networkType: inherited("string", "IP versions of the group.", REPLACE),
  nodeType: inherited("string", "Instance class of the nodes."),
  notificationTopicArn: optional("string", "ARN of a topic for notifications."),
  numCacheClusters: inherited("integer", "Number of nodes, the primary included."),
  numNodeGroups: inherited("integer", "Number of shards."),
  parameterGroupName: inherited("string", "Name of the parameter group."),
  port: inherited("integer", "Port of the nodes.", REPLACE),
  preferredCacheClusterAzs: optional({ array: "string" }, "Availability zones of the nodes."),
  replicasPerNodeGroup: inherited("integer", "Number of replicas of a shard."),
  securityGroupIds: inherited({ array: "string" }, "Ids of security groups.", {
    normalize: asSet,
  }),
  snapshotArns: optional({ array: "string" }, "Snapshots to begin with.", REPLACE),
  snapshotName: optional("string", "Snapshot to begin with.", REPLACE),
  snapshotRetentionLimit: optional("integer", "Days that snapshots are kept.", { unset: 0 }),
  snapshotWindow: inherited("string", "Daily time range of snapshots, in UTC."),
  subnetGroupName: inherited("string", "Name of the subnet group.", REPLACE),
  transitEncryptionEnabled: inherited("boolean", "Whether connections are encrypted."),
  transitEncryptionMode: inherited("string", "Whether connections must be encrypted.", {
    values: ["preferred", "required"],
  }),
  userGroupIds: optional({ array: "string" }, "The group of users that may log in.", {
    unset: [],
    normalize: asSet,
  }),
  arn: output("string", "ARN of the group."),
  clusterEnabled: output("boolean", "Whether the group is a cluster."),
  configurationEndpointAddress: output("string", "Host name of the cluster."),
  engineVersionActual: output("string", "The version that runs."),
  memberClusters: output({ array: "string" }, "Ids of the nodes."),
  primaryEndpointAddress: output("string", "Host name of the primary node."),
  readerEndpointAddress: output("string", "Host name of the replicas."),
} as const satisfies Properties;

/** Request field of each property in a creation; a property without one is not sent as it is. */
export const CREATE_FIELDS: {
  readonly [K in keyof typeof replicationGroupProperties]?: string;
} = {
  replicationGroupId: "ReplicationGroupId",
  description: "ReplicationGroupDescription",
  atRestEncryptionEnabled: "AtRestEncryptionEnabled",
  authToken: "AuthToken",
  autoMinorVersionUpgrade: "AutoMinorVersionUpgrade",
  automaticFailoverEnabled: "AutomaticFailoverEnabled",
  clusterMode: "ClusterMode",
  dataTieringEnabled: "DataTieringEnabled",
  engine: "Engine",
  engineVersion: "EngineVersion",
  ipDiscovery: "IpDiscovery",
  kmsKeyId: "KmsKeyId",
  maintenanceWindow: "PreferredMaintenanceWindow",
  multiAzEnabled: "MultiAZEnabled",
  networkType: "NetworkType",
  nodeType: "CacheNodeType",
  notificationTopicArn: "NotificationTopicArn",
  numCacheClusters: "NumCacheClusters",
  numNodeGroups: "NumNodeGroups",
  parameterGroupName: "CacheParameterGroupName",
  port: "Port",
  preferredCacheClusterAzs: "PreferredCacheClusterAZs",
  replicasPerNodeGroup: "ReplicasPerNodeGroup",
  securityGroupIds: "SecurityGroupIds",
  snapshotArns: "SnapshotArns",
  snapshotName: "SnapshotName",
  snapshotRetentionLimit: "SnapshotRetentionLimit",
  snapshotWindow: "SnapshotWindow",
  subnetGroupName: "CacheSubnetGroupName",
  transitEncryptionEnabled: "TransitEncryptionEnabled",
  transitEncryptionMode: "TransitEncryptionMode",
  userGroupIds: "UserGroupIds",
};

/** Request field of each property that a modification can change as it is. */
export const MODIFY_FIELDS: typeof CREATE_FIELDS = {
  description: "ReplicationGroupDescription",
  autoMinorVersionUpgrade: "AutoMinorVersionUpgrade",
  automaticFailoverEnabled: "AutomaticFailoverEnabled",
  clusterMode: "ClusterMode",
  engine: "Engine",
  engineVersion: "EngineVersion",
  ipDiscovery: "IpDiscovery",
  maintenanceWindow: "PreferredMaintenanceWindow",
  multiAzEnabled: "MultiAZEnabled",
  nodeType: "CacheNodeType",
  notificationTopicArn: "NotificationTopicArn",
  parameterGroupName: "CacheParameterGroupName",
  securityGroupIds: "SecurityGroupIds",
  snapshotRetentionLimit: "SnapshotRetentionLimit",
  snapshotWindow: "SnapshotWindow",
  transitEncryptionEnabled: "TransitEncryptionEnabled",
  transitEncryptionMode: "TransitEncryptionMode",
};
