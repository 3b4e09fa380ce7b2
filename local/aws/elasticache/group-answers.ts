import type {
  CacheCluster,
  NodeGroupMember,
  ReplicationGroup as ReplicationGroupAnswer,
} from "@aws-sdk/client-elasticache";
import { arnOf, type Caller } from "../caller.ts";
import { cacheArn, type ReplicationGroup, type ReplicationGroupBody } from "./documents.ts";

/** The vendor's name of the one shard that there is. */
const SHARD = "0001";
const NODE = "0001";

/** A replication group as answers have it. */
export function describeGroup(caller: Caller, group: ReplicationGroup): ReplicationGroupAnswer {
  const { name, createdAt, body } = group;
  const members = memberIds(group);
  const endpoint = endpointOf(body);
  const isKnown = endpoint !== undefined;
  return {
    ReplicationGroupId: name,
    ARN: cacheArn(caller, "replicationgroup", name),
    Description: body.description,
    Status: statusOf(caller, body),
    Engine: body.engine,
    CacheNodeType: body.nodeType,
    ClusterEnabled: false,
    ClusterMode: "disabled",
    MemberClusters: members,
    NodeGroups: [
      {
        NodeGroupId: SHARD,
        Status: statusOf(caller, body),
        ...(isKnown ? { PrimaryEndpoint: endpoint, ReaderEndpoint: endpoint } : {}),
        NodeGroupMembers: members.map(
          (CacheClusterId, index): NodeGroupMember => ({
            CacheClusterId,
            CacheNodeId: NODE,
            CurrentRole: index === 0 ? "primary" : "replica",
            ...zoneOf(body, index),
            ...(isKnown ? { ReadEndpoint: endpoint } : {}),
          }),
        ),
      },
    ],
    PendingModifiedValues: {},
    AutomaticFailover: body.automaticFailover ? "enabled" : "disabled",
    MultiAZ: body.multiAz ? "enabled" : "disabled",
    SnapshotRetentionLimit: body.snapshotRetention,
    SnapshotWindow: body.snapshotWindow,
    AuthTokenEnabled: body.authTokens.length > 0,
    TransitEncryptionEnabled: true,
    TransitEncryptionMode: "required",
    AtRestEncryptionEnabled: body.atRestEncryption,
    AutoMinorVersionUpgrade: body.autoMinorVersionUpgrade,
    UserGroupIds: body.userGroupId === undefined ? [] : [body.userGroupId],
    LogDeliveryConfigurations: [],
    DataTiering: "disabled",
    NetworkType: "ipv4",
    IpDiscovery: "ipv4",
    ReplicationGroupCreateTime: new Date(createdAt),
  };
}

/** `orders-001`, `orders-002`, … */
export const memberIds = ({ name, body }: ReplicationGroup): string[] =>
  Array.from(
    { length: body.clusters },
    (_, index) => `${name}-${String(index + 1).padStart(3, "0")}`,
  );

/** The nodes of a group, each as the vendor's older API has it. */
export function describeMembers(
  caller: Caller,
  group: ReplicationGroup,
  withNodes: boolean,
): CacheCluster[] {
  const { name, createdAt, body } = group;
  const endpoint = endpointOf(body);
  const created = new Date(createdAt);
  return memberIds(group).map((CacheClusterId, index) => {
    const zone = zoneOf(body, index).PreferredAvailabilityZone;
    return {
      CacheClusterId,
      ARN: arnOf(caller, "elasticache", `cluster:${CacheClusterId}`),
      ReplicationGroupId: name,
      CacheClusterStatus: statusOf(caller, body),
      CacheClusterCreateTime: created,
      Engine: body.engine,
      EngineVersion: body.engineVersion,
      CacheNodeType: body.nodeType,
      NumCacheNodes: 1,
      ...zoneOf(body, index),
      PreferredMaintenanceWindow: body.maintenanceWindow,
      PendingModifiedValues: {},
      CacheSecurityGroups: [],
      CacheParameterGroup: {
        CacheParameterGroupName: body.parameterGroup,
        ParameterApplyStatus: "in-sync",
        CacheNodeIdsToReboot: [],
      },
      CacheSubnetGroupName: body.subnetGroup,
      SecurityGroups: body.securityGroupIds.map((SecurityGroupId) => ({
        SecurityGroupId,
        Status: "active",
      })),
      AutoMinorVersionUpgrade: body.autoMinorVersionUpgrade,
      SnapshotRetentionLimit: body.snapshotRetention,
      SnapshotWindow: body.snapshotWindow,
      AuthTokenEnabled: body.authTokens.length > 0,
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: "required",
      AtRestEncryptionEnabled: body.atRestEncryption,
      ReplicationGroupLogDeliveryEnabled: false,
      NetworkType: "ipv4",
      IpDiscovery: "ipv4",
      ...(withNodes
        ? {
            CacheNodes: [
              {
                CacheNodeId: NODE,
                CacheNodeStatus: statusOf(caller, body),
                CacheNodeCreateTime: created,
                ParameterGroupStatus: "in-sync",
                ...(zone === undefined ? {} : { CustomerAvailabilityZone: zone }),
                ...(endpoint === undefined ? {} : { Endpoint: endpoint }),
              },
            ],
          }
        : {}),
    };
  });
}

/** What the vendor would say of a group: also that its server has ended and does not come up again. */
export function statusOf(
  { cloud }: Caller,
  { trouble, status, serverId }: ReplicationGroupBody,
): string {
  if (trouble !== undefined) return trouble;
  const hasEnded = status === "available" && cloud.engines.valkey.state(serverId) === "failed";
  return hasEnded ? "create-failed" : status;
}

/** The vendor too tells it when the group can be reached. */
const endpointOf = ({ status, endpoint }: ReplicationGroupBody) =>
  endpoint === undefined || status === "creating"
    ? undefined
    : { Address: endpoint.host, Port: endpoint.port };

function zoneOf({ zones }: ReplicationGroupBody, index: number) {
  const zone = zones[index % Math.max(zones.length, 1)];
  return zone === undefined ? {} : { PreferredAvailabilityZone: zone };
}
