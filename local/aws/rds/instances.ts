import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { attach, detach } from "../ec2/interfaces.ts";
import { factsOfTags, filterSchema, select } from "../filters.ts";
import { pageOf } from "../paging.ts";
import { invalidCombination, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { checkClass, ENGINE, engineVersion } from "./catalog.ts";
import {
  collectionOf,
  find,
  type Instance,
  type InstanceBody,
  type InstanceStatus,
  rdsArn,
} from "./documents.ts";
import { describeInstance, statusOf } from "./instance-answers.ts";
import { refusingTakenName, securityGroups } from "./instance-creation.ts";
import {
  arrangementsIn,
  hardwareIn,
  identifierFrom,
  passwordFields,
  refuseManagedPassword,
  sharedFields,
} from "./instance-requests.ts";
import { advance } from "./instance-work.ts";
import { parameterGroupFor } from "./parameter-groups.ts";
import { verifierOf } from "./passwords.ts";
import { insertSnapshot } from "./snapshot-work.ts";
import { subnetGroupFor } from "./subnet-groups.ts";

const identified = { DBInstanceIdentifier: z.string() };

export const instanceOperations: Operations = {
  DescribeDBInstances: operation(
    z.strictObject({
      DBInstanceIdentifier: z.string().optional(),
      Filters: filterSchema,
      MaxRecords: z.int().min(20).max(100).optional(),
      Marker: z.string().optional(),
    }),
    (caller, { DBInstanceIdentifier: asked, Filters, MaxRecords, Marker }) => {
      // An ARN is as good as the identifier that it ends in.
      const name = asked === undefined ? undefined : (asked.split(":").at(-1) ?? asked);
      const instances =
        name === undefined
          ? collectionOf(caller, "db").list(caller.scope)
          : [find(caller, "db", name)];
      const found = select(instances, Filters, ({ name, body }) => ({
        "db-instance-id": [name, rdsArn(caller, "db", name)],
        "dbi-resource-id": [body.resourceId],
        "db-cluster-id": [],
        domain: [],
        engine: [ENGINE],
        ...factsOfTags(body.tags),
      }));
      const page = pageOf(found, { size: MaxRecords ?? 100, marker: Marker });
      return {
        DBInstances: page.items.map((instance) => describeInstance(caller, instance)),
        Marker: page.next,
      };
    },
  ),
  ModifyDBInstance: operation(
    z.strictObject({
      ...identified,
      ...sharedFields,
      ...passwordFields,
      EngineVersion: z.string().optional(),
      AllowMajorVersionUpgrade: z.boolean().optional(),
      DBSubnetGroupName: z.string().optional(),
      NewDBInstanceIdentifier: z.string().optional(),
      ApplyImmediately: z.boolean().default(false),
    }),
    async (caller, request) => {
      if (request.EngineVersion !== undefined) await engineVersion(caller, request.EngineVersion);
      refuseManagedPassword(request.ManageMasterUserPassword);
      const { id, body } = available(caller, request.DBInstanceIdentifier);
      return { DBInstance: describeInstance(caller, modify(caller, id, body, request)) };
    },
  ),
  DeleteDBInstance: operation(
    z.strictObject({
      ...identified,
      SkipFinalSnapshot: z.boolean().default(false),
      FinalDBSnapshotIdentifier: z.string().optional(),
      DeleteAutomatedBackups: z.boolean().default(true),
    }),
    (caller, request) => {
      const instance = find(caller, "db", request.DBInstanceIdentifier);
      const { id, body } = instance;
      if (body.status === "deleting") {
        throw refusal(
          "InvalidDBInstanceState",
          `Instance ${instance.name} is already being deleted.`,
        );
      }
      if (body.deletionProtection) {
        throw invalidCombination(
          "Cannot delete protected DB Instance, please disable deletion protection and try again.",
        );
      }
      if (!request.DeleteAutomatedBackups) {
        throw invalidCombination(
          "The local cloud keeps no automated backups of deleted instances, so DeleteAutomatedBackups cannot be false. Take a final snapshot.",
        );
      }
      const deleted = caller.cloud.store.transaction(() => {
        insertFinalSnapshot(caller, instance, request);
        return update(caller, id, { ...body, status: "deleting" });
      });
      advance(caller, id);
      return { DBInstance: describeInstance(caller, deleted) };
    },
  ),
  RebootDBInstance: operation(
    z.strictObject({ ...identified, ForceFailover: z.literal(false).optional() }),
    (caller, request) => {
      const { name, body } = find(caller, "db", request.DBInstanceIdentifier);
      // Its creation, say, must be done first; it is tried again by itself.
      if (body.trouble !== undefined && !REBOOTABLE.has(body.status)) {
        throw refusal(
          "InvalidDBInstanceState",
          `Instance ${name} is not in available state, but ${body.trouble}.`,
        );
      }
      return moved(caller, name, ["available", "failed", "incompatible-parameters"], "rebooting");
    },
  ),
  StopDBInstance: operation(z.strictObject(identified), (caller, request) =>
    moved(caller, request.DBInstanceIdentifier, ["available"], "stopping"),
  ),
  StartDBInstance: operation(z.strictObject(identified), (caller, request) =>
    moved(caller, request.DBInstanceIdentifier, ["stopped"], "starting"),
  ),
};

/** What may be in trouble and is all the same done with by a reboot. */
const REBOOTABLE: ReadonlySet<InstanceStatus> = new Set(["available", "rebooting", "starting"]);

type Modification = z.infer<z.ZodObject<typeof sharedFields>> & {
  readonly DBInstanceIdentifier: string;
  readonly MasterUserPassword?: string | undefined;
  readonly DBSubnetGroupName?: string | undefined;
  readonly NewDBInstanceIdentifier?: string | undefined;
  readonly ApplyImmediately: boolean;
};

/** The hardware waits for ApplyImmediately; everything else is changed at once, as at the vendor. */
function modify(caller: Caller, id: string, body: InstanceBody, request: Modification): Instance {
  const { MasterUserPassword: password, DBParameterGroupName, VpcSecurityGroupIds } = request;
  if (request.DBInstanceClass !== undefined) checkClass(request.DBInstanceClass);
  checkGrowth(body, request);
  if (
    request.DBSubnetGroupName !== undefined &&
    subnetGroupFor(caller, request.DBSubnetGroupName).name !== body.subnetGroup
  ) {
    throw invalidCombination("The local cloud does not move an instance to another subnet group.");
  }
  const securityGroupIds =
    VpcSecurityGroupIds === undefined
      ? body.securityGroupIds
      : securityGroups(caller, body.vpcId, VpcSecurityGroupIds);
  const parameterGroup =
    DBParameterGroupName === undefined
      ? body.parameterGroup
      : parameterGroupFor(caller, DBParameterGroupName);
  const asked = { ...body.pending, ...hardwareIn(request) };
  const changed: InstanceBody = {
    ...body,
    ...(request.ApplyImmediately ? asked : {}),
    ...arrangementsIn(request),
    pending: request.ApplyImmediately ? {} : asked,
    ...(password === undefined ? {} : { newVerifier: verifierOf(caller.cloud, password) }),
    securityGroupIds,
    parameterGroup,
    // Another group's parameters, dynamic ones too, come with the next reboot.
    parameters:
      parameterGroup === body.parameterGroup
        ? body.parameters
        : { ...body.parameters, isPendingReboot: true },
    status: "modifying",
  };
  const newName = newNameFrom(request);
  const instance = refusingTakenName(() =>
    caller.cloud.store.transaction(() => {
      detach(caller, rdsArn(caller, "db", request.DBInstanceIdentifier.toLowerCase()));
      const updated = collectionOf(caller, "db").update(caller.scope, id, {
        body: changed,
        ...(newName === undefined ? {} : { name: newName }),
      });
      const { subnetIds } = find(caller, "subgrp", body.subnetGroup).body;
      const groupIds = securityGroupIds;
      attach(caller, rdsArn(caller, "db", updated.name), { subnetIds, groupIds });
      return updated;
    }),
  );
  advance(caller, id);
  return instance;
}

function newNameFrom({ NewDBInstanceIdentifier: asked, ApplyImmediately }: Modification) {
  if (asked === undefined) return undefined;
  if (!ApplyImmediately) {
    throw invalidCombination(
      "The local cloud renames an instance at once or not at all. Set ApplyImmediately.",
    );
  }
  return identifierFrom("NewDBInstanceIdentifier", asked);
}

function checkGrowth(body: InstanceBody, { AllocatedStorage: asked }: Modification): void {
  if (asked !== undefined && asked < body.allocatedStorage) {
    throw invalidCombination(
      `Invalid storage size for engine name ${ENGINE}: storage cannot be reduced from ${body.allocatedStorage} to ${asked}.`,
    );
  }
}

function insertFinalSnapshot(
  caller: Caller,
  instance: Instance,
  request: {
    readonly SkipFinalSnapshot: boolean;
    readonly FinalDBSnapshotIdentifier?: string | undefined;
  },
): void {
  const { SkipFinalSnapshot: isSkipped, FinalDBSnapshotIdentifier: asked } = request;
  if (isSkipped !== (asked === undefined)) {
    throw invalidCombination(
      isSkipped
        ? "FinalDBSnapshotIdentifier can not be specified when deleting a DB instance with SkipFinalSnapshot."
        : "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
    );
  }
  if (asked === undefined) return;
  if (!["available", "stopped"].includes(instance.body.status) || instance.body.trouble) {
    throw refusal(
      "InvalidDBInstanceState",
      `Instance ${instance.name} is not in a state that a final snapshot can be taken in. Delete it without one.`,
    );
  }
  const name = identifierFrom("FinalDBSnapshotIdentifier", asked);
  const tags = instance.body.copyTagsToSnapshot ? instance.body.tags : {};
  try {
    insertSnapshot(caller, instance, { name, isAutomated: false, tags });
  } catch (error) {
    if (!(error instanceof NameTakenError)) throw error;
    throw refusal("DBSnapshotAlreadyExists", `Cannot create the snapshot ${name}: it exists.`);
  }
}

/** The instance, when nothing else is going on with it. */
function available(caller: Caller, identifier: string): Instance {
  const instance = find(caller, "db", identifier);
  requireStatus(caller, instance, ["available"]);
  return instance;
}

function requireStatus(caller: Caller, { name, body }: Instance, wanted: readonly string[]): void {
  const actual = statusOf(caller, body);
  if (wanted.includes(actual)) return;
  throw refusal(
    "InvalidDBInstanceState",
    `Instance ${name} is not in ${wanted[0]} state, but ${actual}.`,
  );
}

function moved(
  caller: Caller,
  identifier: string,
  from: readonly string[],
  status: InstanceStatus,
): object {
  const instance = find(caller, "db", identifier);
  requireStatus(caller, instance, from);
  const { trouble: _, ...body } = instance.body;
  const updated = update(caller, instance.id, { ...body, status });
  advance(caller, instance.id);
  return { DBInstance: describeInstance(caller, updated) };
}

const update = (caller: Caller, id: string, body: InstanceBody): Instance =>
  collectionOf(caller, "db").update(caller.scope, id, { body });
