/** Property table of a DB instance: what this plugin supports of `aws.rds.Instance`. */
import type { Properties } from "../../../../../providers/sdk/properties.ts";
import { nameRow, prefixRow } from "../../names.ts";
import { inherited, optional, output, REPLACE, required } from "../../rows.ts";
import { asSet, lowerCase, regionRow } from "../../shared.ts";
import { tagRows } from "../../tags.ts";

const flag = <const V extends boolean>(doc: string, unset: V) =>
  optional("boolean", doc, { unset } as const);
const { replace: _, ...identifier } = nameRow("Name of the instance.", 63, {
  normalize: lowerCase,
});

/** The whole table. @see https://www.pulumi.com/registry/packages/aws/api-docs/rds/instance/ */
export const instanceProperties = {
  ...regionRow,
  ...tagRows,
  identifier,
  identifierPrefix: prefixRow("identifier"),
  allocatedStorage: inherited("integer", "Storage in GiB."),
  allowMajorVersionUpgrade: flag("Whether major version upgrades are allowed.", false),
  applyImmediately: flag("Whether changes are made at once, not in the next window.", false),
  autoMinorVersionUpgrade: flag("Whether minor versions are upgraded by the vendor.", true),
  availabilityZone: inherited("string", "Availability zone.", REPLACE),
  backupRetentionPeriod: inherited("integer", "Days that backups are kept."),
  backupTarget: inherited("string", "Where backups are stored.", REPLACE),
  backupWindow: inherited("string", "Daily time range of backups, in UTC."),
  caCertIdentifier: inherited("string", "Certificate authority of the server's certificate."),
  copyTagsToSnapshot: flag("Whether snapshots get the instance's tags.", false),
  databaseInsightsMode: inherited("string", "Mode of Database Insights."),
  dbName: inherited("string", "Name of the first database.", REPLACE),
  dbSubnetGroupName: inherited("string", "Name of the DB subnet group."),
  dedicatedLogVolume: flag("Whether logs have a volume of their own.", false),
  deleteAutomatedBackups: flag("Whether backups go with the instance.", true),
  deletionProtection: flag("Whether the instance cannot be deleted.", false),
  enabledCloudwatchLogsExports: optional({ array: "string" }, "Logs that go to CloudWatch.", {
    unset: [],
    normalize: asSet,
  }),
  engine: inherited("string", "Database engine.", { replace: true, normalize: lowerCase }),
  engineLifecycleSupport: inherited("string", "Life cycle type of the instance.", REPLACE),
  engineVersion: inherited("string", "Engine version, or the first part of one."),
  finalSnapshotIdentifier: optional("string", "Name of the snapshot that a deletion leaves."),
  iamDatabaseAuthenticationEnabled: flag("Whether IAM users may log in.", false),
  instanceClass: required("string", "Instance class."),
  iops: inherited("integer", "Provisioned I/O operations per second."),
  kmsKeyId: inherited("string", "ARN of the key of encrypted storage.", REPLACE),
  licenseModel: inherited("string", "License model."),
  maintenanceWindow: inherited("string", "Weekly time range of maintenance.", {
    normalize: lowerCase,
  }),
  maxAllocatedStorage: optional("integer", "Limit of automatic storage growth in GiB.", {
    unset: 0,
  }),
  monitoringInterval: optional("integer", "Seconds between enhanced metrics.", { unset: 0 }),
  monitoringRoleArn: inherited("string", "Role for enhanced monitoring."),
  multiAz: inherited("boolean", "Whether a standby is kept in another zone."),
  networkType: inherited("string", "Network type."),
  optionGroupName: inherited("string", "Name of the option group."),
  parameterGroupName: inherited("string", "Name of the DB parameter group."),
  password: optional("string", "Password of the master user.", { secret: true }),
  performanceInsightsEnabled: flag("Whether Performance Insights are on.", false),
  performanceInsightsKmsKeyId: inherited("string", "Key of Performance Insights."),
  performanceInsightsRetentionPeriod: inherited("integer", "Days of Performance Insights."),
  port: inherited("integer", "Port of the server."),
  publiclyAccessible: flag("Whether the instance has a public address.", false),
  skipFinalSnapshot: flag("Whether a deletion leaves no snapshot.", false),
  storageEncrypted: optional("boolean", "Whether storage is encrypted.", {
    replace: true,
    unset: false,
  }),
  storageThroughput: inherited("integer", "Storage throughput in MiB/s."),
  storageType: inherited("string", "Storage type."),
  username: inherited("string", "Name of the master user.", REPLACE),
  vpcSecurityGroupIds: inherited({ array: "string" }, "Ids of VPC security groups.", {
    normalize: asSet,
  }),
  address: output("string", "Host name of the instance."),
  arn: output("string", "ARN of the instance."),
  endpoint: output("string", "Connection endpoint, `address:port`."),
  engineVersionActual: output("string", "The version that runs."),
  hostedZoneId: output("string", "Hosted zone of the address."),
  latestRestorableTime: output("string", "Latest time that a restore can reach, RFC 3339.", {
    incidental: true,
  }),
  replicas: output({ array: "string" }, "Read replicas."),
  resourceId: output("string", "The vendor's id of the instance."),
  status: output("string", "Status of the instance."),
} as const satisfies Properties;

/**
 * Properties that requests carry under another name than their own in Pascal case, and those that
 * only one kind of request knows; an empty name says that it does not.
 */
export const REQUEST_FIELDS: {
  readonly [K in keyof typeof instanceProperties]?: {
    readonly create: string;
    readonly modify: string;
  };
} = {
  identifier: { create: "DBInstanceIdentifier", modify: "NewDBInstanceIdentifier" },
  identifierPrefix: { create: "", modify: "" },
  region: { create: "", modify: "" },
  tags: { create: "", modify: "" },
  allowMajorVersionUpgrade: { create: "", modify: "" },
  applyImmediately: { create: "", modify: "" },
  availabilityZone: { create: "AvailabilityZone", modify: "" },
  backupWindow: both("PreferredBackupWindow"),
  caCertIdentifier: both("CACertificateIdentifier"),
  dbName: both("DBName"),
  dbSubnetGroupName: both("DBSubnetGroupName"),
  deleteAutomatedBackups: { create: "", modify: "" },
  enabledCloudwatchLogsExports: { create: "EnableCloudwatchLogsExports", modify: "" },
  finalSnapshotIdentifier: { create: "", modify: "" },
  iamDatabaseAuthenticationEnabled: both("EnableIAMDatabaseAuthentication"),
  instanceClass: both("DBInstanceClass"),
  maintenanceWindow: both("PreferredMaintenanceWindow"),
  multiAz: both("MultiAZ"),
  parameterGroupName: both("DBParameterGroupName"),
  password: both("MasterUserPassword"),
  performanceInsightsEnabled: both("EnablePerformanceInsights"),
  performanceInsightsKmsKeyId: both("PerformanceInsightsKMSKeyId"),
  port: { create: "Port", modify: "DBPortNumber" },
  skipFinalSnapshot: { create: "", modify: "" },
  username: both("MasterUsername"),
};

function both(name: string): { create: string; modify: string } {
  return { create: name, modify: name };
}
