/** A DB instance: Pulumi's words ⇄ the RDS API's. Pure. */
import type { DBInstance } from "@aws-sdk/client-rds";
import type { InputsOf, StateOf } from "../../../../../providers/sdk/properties.ts";
import { present } from "../../../present.ts";
import { type instanceProperties, REQUEST_FIELDS } from "./instance-properties.ts";

/** Inputs of a DB instance. */
export type InstanceInputs = InputsOf<typeof instanceProperties>;
/** State of a DB instance, without its tags. */
export type InstanceState = StateOf<typeof instanceProperties>;

/** The field of a property in one kind of request. */
export const fieldIn = (request: "create" | "modify") => (name: string) => {
  const special = REQUEST_FIELDS[name as keyof typeof REQUEST_FIELDS];
  return special ? special[request] || undefined : name.charAt(0).toUpperCase() + name.slice(1);
};

/**
 * What the API says, as outputs. A version that the program gives in part stays as it is while it fits.
 */
export function instanceState(
  found: DBInstance,
  known: { readonly engineVersion?: string | null | undefined } | undefined,
): InstanceState {
  const { Endpoint: endpoint, EngineVersion: actual } = found;
  const wanted = known?.engineVersion;
  const partial = wanted && actual && (actual === wanted || actual.startsWith(`${wanted}.`));
  return present({
    identifier: found.DBInstanceIdentifier,
    allocatedStorage: found.AllocatedStorage,
    autoMinorVersionUpgrade: found.AutoMinorVersionUpgrade,
    availabilityZone: found.AvailabilityZone,
    backupRetentionPeriod: found.BackupRetentionPeriod,
    backupTarget: found.BackupTarget,
    backupWindow: found.PreferredBackupWindow,
    caCertIdentifier: found.CACertificateIdentifier,
    copyTagsToSnapshot: found.CopyTagsToSnapshot,
    databaseInsightsMode: found.DatabaseInsightsMode,
    dbName: found.DBName,
    dbSubnetGroupName: found.DBSubnetGroup?.DBSubnetGroupName,
    dedicatedLogVolume: found.DedicatedLogVolume,
    deletionProtection: found.DeletionProtection,
    enabledCloudwatchLogsExports: found.EnabledCloudwatchLogsExports,
    engine: found.Engine,
    engineLifecycleSupport: found.EngineLifecycleSupport,
    engineVersion: partial ? wanted : actual,
    iamDatabaseAuthenticationEnabled: found.IAMDatabaseAuthenticationEnabled,
    instanceClass: found.DBInstanceClass,
    iops: found.Iops,
    kmsKeyId: found.KmsKeyId,
    licenseModel: found.LicenseModel,
    maintenanceWindow: found.PreferredMaintenanceWindow,
    maxAllocatedStorage: found.MaxAllocatedStorage ?? 0,
    monitoringInterval: found.MonitoringInterval,
    monitoringRoleArn: found.MonitoringRoleArn,
    multiAz: found.MultiAZ,
    networkType: found.NetworkType,
    optionGroupName: found.OptionGroupMemberships?.[0]?.OptionGroupName,
    parameterGroupName: found.DBParameterGroups?.[0]?.DBParameterGroupName,
    performanceInsightsEnabled: found.PerformanceInsightsEnabled,
    performanceInsightsKmsKeyId: found.PerformanceInsightsKMSKeyId,
    performanceInsightsRetentionPeriod: found.PerformanceInsightsRetentionPeriod,
    port: endpoint?.Port ?? (found.DbInstancePort || undefined),
    publiclyAccessible: found.PubliclyAccessible,
    storageEncrypted: found.StorageEncrypted,
    storageThroughput: found.StorageThroughput,
    storageType: found.StorageType,
    username: found.MasterUsername,
    vpcSecurityGroupIds: found.VpcSecurityGroups?.flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
    address: endpoint?.Address,
    arn: found.DBInstanceArn,
    endpoint: endpoint?.Address && `${endpoint.Address}:${endpoint.Port}`,
    engineVersionActual: actual,
    hostedZoneId: endpoint?.HostedZoneId,
    latestRestorableTime: found.LatestRestorableTime?.toISOString(),
    replicas: found.ReadReplicaDBInstanceIdentifiers ?? [],
    resourceId: found.DbiResourceId,
    status: found.DBInstanceStatus,
  });
}

/** Statuses that an instance does not leave by itself. @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html */
const FAILED =
  /^(failed|incompatible-.*|inaccessible-encryption-credentials.*|insufficient-capacity|restore-error|storage-full|delete-precheck)$/;

/** How a status is to be taken by somebody who waits for the instance. */
export function outcomeOf(status: string | undefined): "waiting" | "ready" | "failed" {
  if (status === "available") return "ready";
  return status !== undefined && FAILED.test(status) ? "failed" : "waiting";
}
