/** A replication group: Pulumi's words ⇄ the ElastiCache API's. Pure. */
import type { CacheCluster, ReplicationGroup } from "@aws-sdk/client-elasticache";
import type { InputsOf, StateOf } from "../../../../../providers/sdk/properties.ts";
import { present } from "../../../present.ts";
import type { replicationGroupProperties } from "./replication-group-properties.ts";

/** Inputs of a replication group. */
export type GroupInputs = InputsOf<typeof replicationGroupProperties>;
/** State of a replication group. */
export type GroupState = StateOf<typeof replicationGroupProperties>;

/** What the API says, as outputs; the group itself does not tell everything, its first node does. */
export function groupState(
  found: ReplicationGroup,
  node: CacheCluster | undefined,
  known: { readonly engineVersion?: string | null | undefined } | undefined,
): GroupState {
  const shards = found.NodeGroups ?? [];
  const [first] = shards;
  const actual = node?.EngineVersion;
  const wanted = known?.engineVersion;
  const members = found.MemberClusters ?? [];
  const cluster = found.ClusterEnabled ?? false;
  return present({
    replicationGroupId: found.ReplicationGroupId,
    description: found.Description,
    atRestEncryptionEnabled: found.AtRestEncryptionEnabled,
    autoMinorVersionUpgrade: found.AutoMinorVersionUpgrade,
    automaticFailoverEnabled: isOn(found.AutomaticFailover),
    clusterMode: found.ClusterMode,
    dataTieringEnabled: isOn(found.DataTiering),
    engine: node?.Engine ?? found.Engine,
    engineVersion: wanted && fits(wanted, actual) ? wanted : shortVersion(actual),
    ipDiscovery: found.IpDiscovery,
    kmsKeyId: found.KmsKeyId,
    maintenanceWindow: node?.PreferredMaintenanceWindow,
    multiAzEnabled: isOn(found.MultiAZ),
    networkType: found.NetworkType,
    nodeType: found.CacheNodeType ?? node?.CacheNodeType,
    numCacheClusters: members.length || undefined,
    numNodeGroups: shards.length || undefined,
    parameterGroupName: node?.CacheParameterGroup?.CacheParameterGroupName,
    port: found.ConfigurationEndpoint?.Port ?? first?.PrimaryEndpoint?.Port,
    replicasPerNodeGroup: first?.NodeGroupMembers && first.NodeGroupMembers.length - 1,
    securityGroupIds: node?.SecurityGroups?.flatMap(({ SecurityGroupId: id }) => id ?? []),
    snapshotRetentionLimit: found.SnapshotRetentionLimit,
    snapshotWindow: found.SnapshotWindow,
    subnetGroupName: node?.CacheSubnetGroupName,
    transitEncryptionEnabled: found.TransitEncryptionEnabled,
    transitEncryptionMode: found.TransitEncryptionMode,
    userGroupIds: found.UserGroupIds ?? [],
    arn: found.ARN,
    clusterEnabled: cluster,
    configurationEndpointAddress: found.ConfigurationEndpoint?.Address,
    engineVersionActual: actual,
    memberClusters: members,
    primaryEndpointAddress: cluster ? undefined : first?.PrimaryEndpoint?.Address,
    readerEndpointAddress: cluster ? undefined : first?.ReaderEndpoint?.Address,
  });
}

/** How a status is to be taken by somebody who waits for the group. */
export function outcomeOf(status: string | undefined): "waiting" | "ready" | "failed" {
  if (status === "available") return "ready";
  return status === undefined || status === "create-failed" ? "failed" : "waiting";
}

/** The vendor also says `enabling` and `disabling`, which are not there yet. */
const isOn = (status: string | undefined): boolean | undefined =>
  status === undefined ? undefined : status === "enabled";

/** `7.1`, `7`, and `6.x` for what is 6 or later without a second part. */
function fits(wanted: string, actual: string | undefined): boolean {
  const start = wanted.replace(/\.x$/, "");
  return actual === undefined || actual === start || actual.startsWith(`${start}.`);
}

/** From version 7 on, and for Valkey, programs name two parts. */
const shortVersion = (version: string | undefined): string | undefined =>
  version?.split(".").slice(0, 2).join(".");
