import type { DBInstance, PendingModifiedValues } from "@aws-sdk/client-rds";
import type { Caller } from "../caller.ts";
import { tagList } from "../tags.ts";
import { ENGINE, OPTION_GROUP } from "./catalog.ts";
import {
  collectionOf,
  type Hardware,
  type Instance,
  type InstanceBody,
  rdsArn,
} from "./documents.ts";
import { describeSubnetGroup } from "./subnet-groups.ts";

/** An instance as answers have it. */
export function describeInstance(caller: Caller, { name, createdAt, body }: Instance): DBInstance {
  const subnetGroup = collectionOf(caller, "subgrp").byName(caller.scope, body.subnetGroup);
  return {
    DBInstanceIdentifier: name,
    DBInstanceArn: rdsArn(caller, "db", name),
    DbiResourceId: body.resourceId,
    DBInstanceStatus: statusOf(caller, body),
    InstanceCreateTime: new Date(createdAt),
    Engine: ENGINE,
    EngineVersion: body.engineVersion,
    EngineLifecycleSupport: "open-source-rds-extended-support-disabled",
    LicenseModel: "postgresql-license",
    MasterUsername: body.masterUsername,
    ...(body.dbName === undefined ? {} : { DBName: body.dbName }),
    // The vendor too tells it when the instance can be reached.
    ...(body.endpoint === undefined || body.status === "creating"
      ? {}
      : { Endpoint: { Address: body.endpoint.host, Port: body.endpoint.port } }),
    DbInstancePort: 0,
    ...hardwareAnswer(body),
    MaxAllocatedStorage: body.maxAllocatedStorage,
    PendingModifiedValues: hardwareAnswer(body.pending),
    StorageEncrypted: body.storageEncrypted,
    AvailabilityZone: body.zone,
    PubliclyAccessible: body.publiclyAccessible,
    ...(subnetGroup === undefined
      ? {}
      : { DBSubnetGroup: describeSubnetGroup(caller, subnetGroup) }),
    VpcSecurityGroups: body.securityGroupIds.map((VpcSecurityGroupId) => ({
      VpcSecurityGroupId,
      Status: "active",
    })),
    DBSecurityGroups: [],
    DBParameterGroups: [
      {
        DBParameterGroupName: body.parameterGroup,
        ParameterApplyStatus: body.parameters.isPendingReboot ? "pending-reboot" : "in-sync",
      },
    ],
    OptionGroupMemberships: [{ OptionGroupName: OPTION_GROUP, Status: "in-sync" }],
    PreferredBackupWindow: body.backupWindow,
    PreferredMaintenanceWindow: body.maintenanceWindow,
    AutoMinorVersionUpgrade: body.autoMinorVersionUpgrade,
    CopyTagsToSnapshot: body.copyTagsToSnapshot,
    DeletionProtection: body.deletionProtection,
    CACertificateIdentifier: body.certificateAuthority,
    CertificateDetails: { CAIdentifier: body.certificateAuthority },
    NetworkType: "IPV4",
    BackupTarget: "region",
    DatabaseInsightsMode: "standard",
    MonitoringInterval: 0,
    IAMDatabaseAuthenticationEnabled: false,
    PerformanceInsightsEnabled: false,
    CustomerOwnedIpEnabled: false,
    DedicatedLogVolume: false,
    ReadReplicaDBInstanceIdentifiers: [],
    DomainMemberships: [],
    AssociatedRoles: [],
    TagList: tagList(body.tags),
  };
}

/** What the vendor would say of an instance: also that its server has ended and does not come up again. */
export function statusOf({ cloud }: Caller, { trouble, status, serverId }: InstanceBody): string {
  if (trouble !== undefined) return trouble;
  const hasEnded = status === "available" && cloud.engines.postgres.state(serverId) === "failed";
  return hasEnded ? "failed" : status;
}

const hardwareAnswer = (hardware: Partial<Hardware>): PendingModifiedValues => ({
  DBInstanceClass: hardware.instanceClass,
  AllocatedStorage: hardware.allocatedStorage,
  StorageType: hardware.storageType,
  Iops: hardware.iops,
  StorageThroughput: hardware.storageThroughput,
  MultiAZ: hardware.multiAz,
  BackupRetentionPeriod: hardware.backupRetention,
});
