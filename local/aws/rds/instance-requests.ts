/** What requests for instances may hold, and which of it is kept. */
import { z } from "zod";
import { invalidCombination, invalidValue } from "../protocol/errors.ts";
import { tagSchema } from "../tags.ts";
import { CERTIFICATE_AUTHORITIES, STORAGE_TYPES } from "./catalog.ts";
import type { Arrangements, Hardware } from "./documents.ts";

const TIME = "([01]\\d|2[0-3]):[0-5]\\d";
const DAY = "(mon|tue|wed|thu|fri|sat|sun)";

/** What creation, change and restoration take alike. */
export const sharedFields = {
  DBInstanceClass: z.string().optional(),
  AllocatedStorage: z.int().min(20).max(65536).optional(),
  MaxAllocatedStorage: z.int().min(20).max(65536).optional(),
  StorageType: z.enum(STORAGE_TYPES).optional(),
  Iops: z.int().min(1000).max(256000).optional(),
  StorageThroughput: z.int().min(125).max(4000).optional(),
  MultiAZ: z.boolean().optional(),
  BackupRetentionPeriod: z.int().min(0).max(35).optional(),
  PreferredBackupWindow: z
    .string()
    .regex(new RegExp(`^${TIME}-${TIME}$`))
    .optional(),
  PreferredMaintenanceWindow: z
    .string()
    .toLowerCase()
    .regex(new RegExp(`^${DAY}:${TIME}-${DAY}:${TIME}$`))
    .optional(),
  AutoMinorVersionUpgrade: z.boolean().optional(),
  CopyTagsToSnapshot: z.boolean().optional(),
  DeletionProtection: z.boolean().optional(),
  PubliclyAccessible: z.boolean().optional(),
  CACertificateIdentifier: z.enum(CERTIFICATE_AUTHORITIES).optional(),
  VpcSecurityGroupIds: z.array(z.string()).optional(),
  DBParameterGroupName: z.string().optional(),
  // What the vendor's other tools send with its default.
  EnableIAMDatabaseAuthentication: z.literal(false).optional(),
  EnablePerformanceInsights: z.literal(false).optional(),
  EnableCustomerOwnedIp: z.literal(false).optional(),
  DedicatedLogVolume: z.literal(false).optional(),
  DatabaseInsightsMode: z.literal("standard").optional(),
  MonitoringInterval: z.literal(0).optional(),
  NetworkType: z.literal("IPV4").optional(),
  LicenseModel: z.literal("postgresql-license").optional(),
};

/** What only comes with a new server. */
export const newServerFields = {
  DBInstanceIdentifier: z.string(),
  AvailabilityZone: z.string().optional(),
  DBSubnetGroupName: z.string().optional(),
  Port: z.int().min(1150).max(65535).optional(),
  Tags: z.array(tagSchema).default([]),
  EngineLifecycleSupport: z.string().optional(),
  BackupTarget: z.literal("region").optional(),
};

/** Passwords are given; the vendor's secret store is not part of the local cloud. */
export const passwordFields = {
  MasterUserPassword: z.string().optional(),
  ManageMasterUserPassword: z.boolean().optional(),
};

type Shared = z.infer<z.ZodObject<typeof sharedFields>>;

export const HARDWARE_DEFAULTS: Omit<Hardware, "instanceClass" | "allocatedStorage"> = {
  maxAllocatedStorage: undefined,
  storageType: "gp2",
  iops: undefined,
  storageThroughput: undefined,
  multiAz: false,
  backupRetention: 1,
};

export const ARRANGEMENT_DEFAULTS: Arrangements = {
  backupWindow: "03:00-03:30",
  maintenanceWindow: "sun:05:00-sun:05:30",
  autoMinorVersionUpgrade: true,
  copyTagsToSnapshot: false,
  deletionProtection: false,
  publiclyAccessible: false,
  certificateAuthority: CERTIFICATE_AUTHORITIES[0],
};

/** What of the hardware a request gives. */
export const hardwareIn = (request: Shared): Partial<Hardware> =>
  given({
    instanceClass: request.DBInstanceClass,
    allocatedStorage: request.AllocatedStorage,
    maxAllocatedStorage: request.MaxAllocatedStorage,
    storageType: request.StorageType,
    iops: request.Iops,
    storageThroughput: request.StorageThroughput,
    multiAz: request.MultiAZ,
    backupRetention: request.BackupRetentionPeriod,
  });

/** What of the arrangements a request gives. */
export const arrangementsIn = (request: Shared): Partial<Arrangements> =>
  given({
    backupWindow: request.PreferredBackupWindow,
    maintenanceWindow: request.PreferredMaintenanceWindow,
    autoMinorVersionUpgrade: request.AutoMinorVersionUpgrade,
    copyTagsToSnapshot: request.CopyTagsToSnapshot,
    deletionProtection: request.DeletionProtection,
    publiclyAccessible: request.PubliclyAccessible,
    certificateAuthority: request.CACertificateIdentifier,
  });

/** The identifier as it is kept, in lower case. Throws the vendor's refusal of one that is no such. */
export function identifierFrom(parameter: string, text: string): string {
  const identifier = text.toLowerCase();
  if (/^[a-z](-?[a-z0-9])*$/.test(identifier) && identifier.length <= 63) return identifier;
  throw invalidValue(
    `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
  );
}

export function refuseManagedPassword(isManaged: boolean | undefined): void {
  if (isManaged !== true) return;
  throw invalidCombination(
    "The local cloud has no Secrets Manager, so ManageMasterUserPassword cannot be true. Give MasterUserPassword.",
  );
}

/** Without what is undefined. */
function given<T extends object>(values: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
