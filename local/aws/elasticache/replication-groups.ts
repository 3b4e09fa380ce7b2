import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { attach } from "../ec2/interfaces.ts";
import { groupsFor, subnetsIn } from "../ec2/placement.ts";
import { pageOf } from "../paging.ts";
import { invalidCombination, invalidValue, notFound, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { newServerId } from "../server-id.ts";
import { tagSchema, withTags } from "../tags.ts";
import { accessAfter, accessFrom } from "./access.ts";
import { ENGINES, engineVersion, nodeMemory } from "./catalog.ts";
import {
  cacheArn,
  collectionOf,
  find,
  type ReplicationGroup,
  type ReplicationGroupBody,
} from "./documents.ts";
import { describeGroup, describeMembers, memberIds, statusOf } from "./group-answers.ts";
import { advance } from "./group-work.ts";
import { parameterGroupFor } from "./parameter-groups.ts";
import { subnetGroupFor } from "./subnet-groups.ts";
import { idFrom } from "./users.ts";

const DEFAULT_PORT = 6379;
const MAX_NODES = 6;
const TIME = "([01]\\d|2[0-3]):[0-5]\\d";
const DAY = "(mon|tue|wed|thu|fri|sat|sun)";

/** What creation and change take alike. */
const sharedFields = {
  CacheNodeType: z.string().optional(),
  EngineVersion: z.string().optional(),
  CacheParameterGroupName: z.string().optional(),
  SecurityGroupIds: z.array(z.string()).optional(),
  PreferredMaintenanceWindow: z
    .string()
    .toLowerCase()
    .regex(new RegExp(`^${DAY}:${TIME}-${DAY}:${TIME}$`))
    .optional(),
  SnapshotWindow: z
    .string()
    .regex(new RegExp(`^${TIME}-${TIME}$`))
    .optional(),
  SnapshotRetentionLimit: z.int().min(0).max(35).optional(),
  AutoMinorVersionUpgrade: z.boolean().optional(),
  AutomaticFailoverEnabled: z.boolean().optional(),
  MultiAZEnabled: z.boolean().optional(),
  AuthToken: z.string().optional(),
  TransitEncryptionEnabled: z.boolean().optional(),
  TransitEncryptionMode: z.literal("required").optional(),
  IpDiscovery: z.literal("ipv4").optional(),
  ClusterMode: z.literal("disabled").optional(),
};

const PAGING = {
  MaxRecords: z.int().min(20).max(100).optional(),
  Marker: z.string().optional(),
};

export const replicationGroupOperations: Operations = {
  CreateReplicationGroup: operation(
    z.strictObject({
      ReplicationGroupId: z.string(),
      ReplicationGroupDescription: z.string().min(1),
      Engine: z.string().toLowerCase().pipe(z.enum(ENGINES)).default("redis"),
      ...sharedFields,
      NumCacheClusters: z.int().min(1).max(MAX_NODES).optional(),
      NumNodeGroups: z.literal(1).optional(),
      ReplicasPerNodeGroup: z
        .int()
        .min(0)
        .max(MAX_NODES - 1)
        .optional(),
      PreferredCacheClusterAZs: z.array(z.string()).optional(),
      CacheSubnetGroupName: z.string().optional(),
      AtRestEncryptionEnabled: z.boolean().default(false),
      Port: z.int().min(1024).max(65535).default(DEFAULT_PORT),
      UserGroupIds: z.array(z.string()).max(1).default([]),
      NetworkType: z.literal("ipv4").optional(),
      DataTieringEnabled: z.literal(false).optional(),
      Tags: z.array(tagSchema).default([]),
    }),
    (caller, request) => {
      const name = idFrom("ReplicationGroupId", request.ReplicationGroupId);
      const { Engine: engine, NumCacheClusters, ReplicasPerNodeGroup } = request;
      if (NumCacheClusters !== undefined && ReplicasPerNodeGroup !== undefined) {
        throw invalidCombination("Give either NumCacheClusters or ReplicasPerNodeGroup.");
      }
      const nodeType = request.CacheNodeType ?? "cache.t4g.micro";
      nodeMemory(nodeType);
      requireTls(request.TransitEncryptionEnabled);
      const access = accessFrom(caller, engine, request.AuthToken, request.UserGroupIds[0]);
      const subnetGroup = subnetGroupFor(caller, request.CacheSubnetGroupName);
      const { vpcId, subnetIds } = subnetGroup.body;
      const groupIds = securityGroups(caller, vpcId, request.SecurityGroupIds);
      const id = newServerId("elasticache");
      const body: ReplicationGroupBody = {
        ...access,
        status: "creating",
        serverId: id,
        description: request.ReplicationGroupDescription,
        engine,
        engineVersion: engineVersion(engine, request.EngineVersion),
        nodeType,
        clusters: NumCacheClusters ?? (ReplicasPerNodeGroup ?? 0) + 1,
        automaticFailover: request.AutomaticFailoverEnabled ?? false,
        multiAz: request.MultiAZEnabled ?? false,
        atRestEncryption: request.AtRestEncryptionEnabled,
        autoMinorVersionUpgrade: request.AutoMinorVersionUpgrade ?? true,
        maintenanceWindow: request.PreferredMaintenanceWindow ?? "sun:05:00-sun:06:00",
        snapshotWindow: request.SnapshotWindow ?? "03:00-04:00",
        snapshotRetention: request.SnapshotRetentionLimit ?? 0,
        port: request.Port,
        zones:
          request.PreferredCacheClusterAZs ??
          subnetsIn(caller, subnetGroup.body).map((subnet) => subnet.body.zone),
        subnetGroup: subnetGroup.name,
        securityGroupIds: groupIds,
        parameterGroup: parameterGroupFor(caller, engine, request.CacheParameterGroupName),
        tags: withTags({}, request.Tags),
      };
      checkFailover(body);
      try {
        const group = caller.cloud.store.transaction(() => {
          attach(caller, cacheArn(caller, "replicationgroup", name), { subnetIds, groupIds });
          return collectionOf(caller, "replicationgroup").insert(caller.scope, { id, name, body });
        });
        advance(caller, id);
        return { ReplicationGroup: describeGroup(caller, group) };
      } catch (error) {
        if (!(error instanceof NameTakenError)) throw error;
        throw refusal(
          "ReplicationGroupAlreadyExists",
          `Replication group with id ${name} already exists.`,
        );
      }
    },
  ),
  DescribeReplicationGroups: operation(
    z.strictObject({ ReplicationGroupId: z.string().optional(), ...PAGING }),
    (caller, { ReplicationGroupId: name, MaxRecords, Marker }) => {
      const groups =
        name === undefined
          ? collectionOf(caller, "replicationgroup").list(caller.scope)
          : [find(caller, "replicationgroup", name)];
      const page = pageOf(groups, { size: MaxRecords ?? 100, marker: Marker });
      return {
        ReplicationGroups: page.items.map((group) => describeGroup(caller, group)),
        Marker: page.next,
      };
    },
  ),
  DescribeCacheClusters: operation(
    z.strictObject({
      CacheClusterId: z.string().optional(),
      ShowCacheNodeInfo: z.boolean().default(false),
      ShowCacheClustersNotInReplicationGroups: z.boolean().default(false),
      ...PAGING,
    }),
    (caller, request) => {
      const id = request.CacheClusterId?.toLowerCase();
      const groups = request.ShowCacheClustersNotInReplicationGroups
        ? []
        : collectionOf(caller, "replicationgroup").list(caller.scope);
      const members = groups
        .flatMap((group) => describeMembers(caller, group, request.ShowCacheNodeInfo))
        .filter(({ CacheClusterId }) => [undefined, CacheClusterId].includes(id));
      if (id !== undefined && members.length === 0) {
        throw notFound("CacheClusterNotFound", `CacheCluster ${id} not found.`);
      }
      const page = pageOf(members, { size: request.MaxRecords ?? 100, marker: request.Marker });
      return { CacheClusters: page.items, Marker: page.next };
    },
  ),
  ModifyReplicationGroup: operation(
    z.strictObject({
      ReplicationGroupId: z.string(),
      ReplicationGroupDescription: z.string().min(1).optional(),
      Engine: z.string().toLowerCase().pipe(z.enum(ENGINES)).optional(),
      ...sharedFields,
      AuthTokenUpdateStrategy: z.enum(["SET", "ROTATE", "DELETE"]).default("ROTATE"),
      UserGroupIdsToAdd: z.array(z.string()).max(1).default([]),
      UserGroupIdsToRemove: z.array(z.string()).max(1).default([]),
      RemoveUserGroups: z.boolean().default(false),
      ApplyImmediately: z.boolean().default(false),
    }),
    (caller, request) => {
      const { id, body } = available(caller, request.ReplicationGroupId);
      requireTls(request.TransitEncryptionEnabled ?? true);
      if (request.Engine !== undefined && request.Engine !== body.engine) {
        throw invalidCombination("The local cloud does not change a replication group's engine.");
      }
      if (request.EngineVersion !== undefined) engineVersion(body.engine, request.EngineVersion);
      const nodeType = request.CacheNodeType ?? body.nodeType;
      nodeMemory(nodeType);
      const { authTokens: _, userGroupId: __, ...kept } = body;
      const changed: ReplicationGroupBody = {
        ...kept,
        ...accessAfter(caller, body, request),
        status: "modifying",
        nodeType,
        description: request.ReplicationGroupDescription ?? body.description,
        automaticFailover: request.AutomaticFailoverEnabled ?? body.automaticFailover,
        multiAz: request.MultiAZEnabled ?? body.multiAz,
        autoMinorVersionUpgrade: request.AutoMinorVersionUpgrade ?? body.autoMinorVersionUpgrade,
        maintenanceWindow: request.PreferredMaintenanceWindow ?? body.maintenanceWindow,
        snapshotWindow: request.SnapshotWindow ?? body.snapshotWindow,
        snapshotRetention: request.SnapshotRetentionLimit ?? body.snapshotRetention,
        securityGroupIds: newSecurityGroups(caller, body, request.SecurityGroupIds),
        parameterGroup:
          request.CacheParameterGroupName === undefined
            ? body.parameterGroup
            : parameterGroupFor(caller, body.engine, request.CacheParameterGroupName),
      };
      return { ReplicationGroup: change(caller, id, changed) };
    },
  ),
  IncreaseReplicaCount: operation(
    z.strictObject({
      ReplicationGroupId: z.string(),
      NewReplicaCount: z
        .int()
        .min(1)
        .max(MAX_NODES - 1),
      ApplyImmediately: z.literal(true),
    }),
    (caller, { ReplicationGroupId, NewReplicaCount }) =>
      withReplicas(caller, ReplicationGroupId, NewReplicaCount, 1),
  ),
  DecreaseReplicaCount: operation(
    z.strictObject({
      ReplicationGroupId: z.string(),
      NewReplicaCount: z
        .int()
        .min(0)
        .max(MAX_NODES - 1),
      ApplyImmediately: z.literal(true),
    }),
    (caller, { ReplicationGroupId, NewReplicaCount }) =>
      withReplicas(caller, ReplicationGroupId, NewReplicaCount, -1),
  ),
  DeleteReplicationGroup: operation(
    z.strictObject({
      ReplicationGroupId: z.string(),
      RetainPrimaryCluster: z.literal(false).optional(),
    }),
    (caller, { ReplicationGroupId }) => {
      const { id, body } = find(caller, "replicationgroup", ReplicationGroupId);
      if (body.status === "deleting") {
        throw refusal(
          "InvalidReplicationGroupState",
          "Replication group is already being deleted.",
        );
      }
      const group = collectionOf(caller, "replicationgroup").update(caller.scope, id, {
        body: { ...body, status: "deleting" },
      });
      advance(caller, id);
      return { ReplicationGroup: describeGroup(caller, group) };
    },
  ),
};

/** The group, when nothing else is going on with it. */
function available(caller: Caller, id: string): ReplicationGroup {
  const group = find(caller, "replicationgroup", id);
  if (statusOf(caller, group.body) === "available") return group;
  throw refusal(
    "InvalidReplicationGroupState",
    `Replication group ${group.name} is not in available state, but ${statusOf(caller, group.body)}.`,
  );
}

function withReplicas(
  caller: Caller,
  groupId: string,
  replicas: number,
  direction: 1 | -1,
): object {
  const group = available(caller, groupId);
  const clusters = replicas + 1;
  if ((clusters - memberIds(group).length) * direction <= 0) {
    throw invalidValue(`The replication group has ${group.body.clusters - 1} replicas already.`);
  }
  const changed: ReplicationGroupBody = { ...group.body, clusters, status: "modifying" };
  return { ReplicationGroup: change(caller, group.id, changed) };
}

function change(caller: Caller, id: string, body: ReplicationGroupBody): object {
  checkFailover(body);
  const group = caller.cloud.store.transaction(() => {
    const updated = collectionOf(caller, "replicationgroup").update(caller.scope, id, { body });
    attach(caller, cacheArn(caller, "replicationgroup", updated.name), {
      subnetIds: find(caller, "subnetgroup", body.subnetGroup).body.subnetIds,
      groupIds: body.securityGroupIds,
    });
    return updated;
  });
  advance(caller, id);
  return describeGroup(caller, group);
}

function newSecurityGroups(
  caller: Caller,
  body: ReplicationGroupBody,
  asked: readonly string[] | undefined,
): readonly string[] {
  if (asked === undefined) return body.securityGroupIds;
  const { vpcId } = find(caller, "subnetgroup", body.subnetGroup).body;
  return securityGroups(caller, vpcId, asked);
}

function securityGroups(
  caller: Caller,
  vpcId: string,
  asked: readonly string[] | undefined,
): readonly string[] {
  const groups = groupsFor(caller, vpcId, asked);
  if ("groupIds" in groups) return groups.groupIds;
  throw invalidValue(
    `Some security groups are invalid: ${groups.unusable} is not one of the VPC ${vpcId}.`,
  );
}

function requireTls(isEncrypted: boolean | undefined): void {
  if (isEncrypted === true) return;
  throw invalidCombination(
    "The local cloud's caches refuse connections without TLS. Set TransitEncryptionEnabled to true.",
  );
}

function checkFailover({ automaticFailover, multiAz, clusters }: ReplicationGroupBody): void {
  if (automaticFailover && clusters < 2) {
    throw invalidCombination(
      "Automatic failover is not supported with less than two nodes. Raise NumCacheClusters.",
    );
  }
  if (multiAz && !automaticFailover) {
    throw invalidCombination("Must specify automatic failover if Multi-AZ is enabled.");
  }
}
