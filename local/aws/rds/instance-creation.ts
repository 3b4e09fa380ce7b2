import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { attach } from "../ec2/interfaces.ts";
import { groupsFor, subnetsIn } from "../ec2/placement.ts";
import { invalidCombination, invalidValue, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { zonesOf } from "../regions.ts";
import { newServerId } from "../server-id.ts";
import { withTags } from "../tags.ts";
import { parametersAtBoot } from "./applied-parameters.ts";
import { checkClass, checkEngine, engineVersion } from "./catalog.ts";
import {
  collectionOf,
  find,
  type Hardware,
  type Instance,
  type InstanceBody,
  newResourceId,
  rdsArn,
} from "./documents.ts";
import { describeInstance } from "./instance-answers.ts";
import {
  ARRANGEMENT_DEFAULTS,
  arrangementsIn,
  HARDWARE_DEFAULTS,
  hardwareIn,
  identifierFrom,
  newServerFields,
  passwordFields,
  refuseManagedPassword,
  sharedFields,
} from "./instance-requests.ts";
import { advance } from "./instance-work.ts";
import { parameterGroupFor } from "./parameter-groups.ts";
import { newSuperuserPassword, verifierOf } from "./passwords.ts";
import { SUPERUSER } from "./server.ts";
import { insertSnapshot } from "./snapshot-work.ts";
import { subnetGroupFor } from "./subnet-groups.ts";

/** Names that a master user or a first database may not have. */
const RESERVED_USERS = [SUPERUSER, "admin", "public", "none", "rds_superuser", "rdsrepladmin"];
const RESERVED_DATABASES = [SUPERUSER, "postgres", "template0", "template1"];
const DEFAULT_PORT = 5432;

export const creationOperations: Operations = {
  CreateDBInstance: operation(
    z.strictObject({
      ...sharedFields,
      ...newServerFields,
      ...passwordFields,
      DBInstanceClass: z.string(),
      AllocatedStorage: z.int().min(20).max(65536),
      Engine: z.string(),
      EngineVersion: z.string().optional(),
      MasterUsername: z.string(),
      DBName: z.string().optional(),
      StorageEncrypted: z.boolean().optional(),
    }),
    async (caller, request) => {
      checkEngine(request.Engine);
      refuseManagedPassword(request.ManageMasterUserPassword);
      if (request.MasterUserPassword === undefined) {
        throw refusal(
          "MissingParameter",
          "The request must contain the parameter MasterUserPassword.",
        );
      }
      checkMasterUsername(request.MasterUsername);
      if (request.DBName !== undefined) checkDatabaseName(request.DBName);
      const version = await engineVersion(caller, request.EngineVersion);
      const { DBInstanceClass: instanceClass, AllocatedStorage: allocatedStorage } = request;
      const hardware = { instanceClass, allocatedStorage, ...HARDWARE_DEFAULTS };
      const instance = insert(
        caller,
        request,
        { ...hardware, ...hardwareIn(request) },
        {
          masterUsername: request.MasterUsername,
          newVerifier: verifierOf(caller.cloud, request.MasterUserPassword),
          engineVersion: version,
          storageEncrypted: request.StorageEncrypted ?? false,
          port: request.Port ?? DEFAULT_PORT,
          ...(request.DBName === undefined ? {} : { dbName: request.DBName }),
        },
      );
      return { DBInstance: describeInstance(caller, instance) };
    },
  ),
  RestoreDBInstanceFromDBSnapshot: operation(
    z.strictObject({
      ...sharedFields,
      ...newServerFields,
      ManageMasterUserPassword: z.boolean().optional(),
      DBSnapshotIdentifier: z.string(),
      Engine: z.string().optional(),
    }),
    (caller, request) => {
      if (request.Engine !== undefined) checkEngine(request.Engine);
      refuseManagedPassword(request.ManageMasterUserPassword);
      const { id, body } = find(caller, "snapshot", request.DBSnapshotIdentifier);
      if (body.status !== "available") {
        throw refusal("InvalidDBSnapshotState", "The DB snapshot is not available yet.");
      }
      const { identifier: _, resourceId: __, createdAt: ___, ...was } = body.instance;
      const { masterUsername, engineVersion: version, storageEncrypted, dbName, port } = was;
      const instance = insert(
        caller,
        request,
        { ...hardwareOf(was), ...hardwareIn(request) },
        {
          masterUsername,
          engineVersion: version,
          storageEncrypted,
          port: request.Port ?? port,
          ...(dbName === undefined ? {} : { dbName }),
          restoredFrom: id,
        },
      );
      return { DBInstance: describeInstance(caller, instance) };
    },
  ),
  RestoreDBInstanceToPointInTime: operation(z.looseObject({}), () => {
    throw refusal(
      "PointInTimeRestoreNotEnabled",
      "The local cloud keeps no transaction logs to restore a point in time from. Restore a snapshot.",
    );
  }),
};

type NewServer = z.infer<z.ZodObject<typeof newServerFields & typeof sharedFields>>;

/** Keeps a new instance, in its place in the network, and has its server made. */
function insert(
  caller: Caller,
  request: NewServer,
  hardware: Hardware,
  origin: Pick<
    InstanceBody,
    | "masterUsername"
    | "newVerifier"
    | "engineVersion"
    | "storageEncrypted"
    | "port"
    | "dbName"
    | "restoredFrom"
  >,
): Instance {
  const name = identifierFrom("DBInstanceIdentifier", request.DBInstanceIdentifier);
  checkClass(hardware.instanceClass);
  const subnetGroup = subnetGroupFor(caller, request.DBSubnetGroupName);
  const { vpcId, subnetIds } = subnetGroup.body;
  const groupIds = securityGroups(caller, vpcId, request.VpcSecurityGroupIds);
  const parameterGroup = parameterGroupFor(caller, request.DBParameterGroupName);
  const id = newServerId("rds");
  const body: InstanceBody = {
    ...hardware,
    ...ARRANGEMENT_DEFAULTS,
    ...arrangementsIn(request),
    ...origin,
    status: "creating",
    resourceId: newResourceId(),
    serverId: id,
    superuserPassword: newSuperuserPassword(caller.cloud),
    zone: zoneFor(caller, subnetsIn(caller, subnetGroup.body)[0]?.body.zone, request, hardware),
    subnetGroup: subnetGroup.name,
    vpcId,
    securityGroupIds: groupIds,
    parameterGroup,
    parameters: parametersAtBoot(caller, parameterGroup),
    pending: {},
    tags: withTags({}, request.Tags),
  };
  const instance = refusingTakenName(() =>
    caller.cloud.store.transaction(() => {
      const inserted = collectionOf(caller, "db").insert(caller.scope, { id, name, body });
      attach(caller, rdsArn(caller, "db", name), { subnetIds, groupIds });
      if (hardware.backupRetention > 0) {
        const snapshotName = `rds:${name}-${inserted.createdAt.slice(0, 16).replace(/[T:]/g, "-")}`;
        insertSnapshot(caller, inserted, { name: snapshotName, isAutomated: true, tags: {} });
      }
      return inserted;
    }),
  );
  advance(caller, id);
  return instance;
}

/** Keeps an instance under its name. Throws the vendor's refusal of one that another has. */
export function refusingTakenName(write: () => Instance): Instance {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof NameTakenError)) throw error;
    throw refusal("DBInstanceAlreadyExists", "DB instance already exists");
  }
}

/** Throws the vendor's refusal of groups that are not of the VPC. */
export function securityGroups(
  caller: Caller,
  vpcId: string,
  asked: readonly string[] | undefined,
): readonly string[] {
  const groups = groupsFor(caller, vpcId, asked);
  if ("groupIds" in groups) return groups.groupIds;
  throw invalidValue(
    `Invalid security group, groupId=${groups.unusable}: it is not one of the VPC ${vpcId}.`,
  );
}

function zoneFor(
  { region }: Caller,
  fallback: string | undefined,
  { AvailabilityZone: asked }: NewServer,
  { multiAz }: Hardware,
): string {
  const zones = zonesOf(region);
  if (asked !== undefined && multiAz) {
    throw invalidCombination(
      "Requesting a specific availability zone is not valid for Multi-AZ instances.",
    );
  }
  const zone = asked ?? fallback ?? zones[0] ?? "";
  if (zones.includes(zone)) return zone;
  throw refusal("InvalidVPCNetworkStateFault", `The availability zone ${zone} does not exist.`);
}

function checkMasterUsername(name: string): void {
  const isReserved = RESERVED_USERS.includes(name.toLowerCase()) || /^(pg_|rds_)/i.test(name);
  if (isReserved || !/^[a-zA-Z][a-zA-Z0-9_]{0,62}$/.test(name)) {
    throw invalidValue(
      `MasterUsername ${name} cannot be used as it is a reserved word used by the engine, or not 1 to 63 letters, digits and underscores after a letter.`,
    );
  }
}

function checkDatabaseName(name: string): void {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/.test(name)) {
    throw invalidValue(
      "DBName must begin with a letter or an underscore and contain only letters, digits and underscores.",
    );
  }
  if (RESERVED_DATABASES.includes(name.toLowerCase())) {
    throw invalidValue(`DBName ${name} cannot be used. It is a reserved word for this engine`);
  }
}

const hardwareOf = ({
  instanceClass,
  allocatedStorage,
  maxAllocatedStorage,
  storageType,
  iops,
  storageThroughput,
  multiAz,
  backupRetention,
}: Hardware): Hardware => ({
  instanceClass,
  allocatedStorage,
  maxAllocatedStorage,
  storageType,
  iops,
  storageThroughput,
  multiAz,
  backupRetention,
});
