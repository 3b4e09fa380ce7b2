import type { DBSnapshot } from "@aws-sdk/client-rds";
import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { filterSchema, select } from "../filters.ts";
import { pageOf } from "../paging.ts";
import { refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { tagList, tagSchema, withTags } from "../tags.ts";
import { ENGINE, OPTION_GROUP } from "./catalog.ts";
import { collectionOf, find, rdsArn, type Snapshot } from "./documents.ts";
import { statusOf } from "./instance-answers.ts";
import { identifierFrom } from "./instance-requests.ts";
import { advance } from "./instance-work.ts";
import { finishDeletion, insertSnapshot, isBeingRestored } from "./snapshot-work.ts";

export const snapshotOperations: Operations = {
  CreateDBSnapshot: operation(
    z.strictObject({
      DBSnapshotIdentifier: z.string(),
      DBInstanceIdentifier: z.string(),
      Tags: z.array(tagSchema).default([]),
    }),
    (caller, request) => {
      const name = identifierFrom("DBSnapshotIdentifier", request.DBSnapshotIdentifier);
      const instance = find(caller, "db", request.DBInstanceIdentifier);
      const { body } = instance;
      if (statusOf(caller, body) !== "available") {
        throw refusal(
          "InvalidDBInstanceState",
          `Cannot create a snapshot because the database instance ${instance.name} is not currently in the available state.`,
        );
      }
      const copied = body.copyTagsToSnapshot ? body.tags : {};
      const tags = withTags(copied, request.Tags);
      try {
        const snapshot = caller.cloud.store.transaction(() => {
          collectionOf(caller, "db").update(caller.scope, instance.id, {
            body: { ...body, status: "backing-up" },
          });
          return insertSnapshot(caller, instance, { name, isAutomated: false, tags });
        });
        advance(caller, instance.id);
        return { DBSnapshot: describe(caller, snapshot) };
      } catch (error) {
        if (!(error instanceof NameTakenError)) throw error;
        throw refusal(
          "DBSnapshotAlreadyExists",
          `Cannot create the snapshot because a snapshot with the identifier ${name} already exists.`,
        );
      }
    },
  ),
  DescribeDBSnapshots: operation(
    z.strictObject({
      DBInstanceIdentifier: z.string().optional(),
      DBSnapshotIdentifier: z.string().optional(),
      DbiResourceId: z.string().optional(),
      SnapshotType: z.enum(["manual", "automated"]).optional(),
      IncludeShared: z.literal(false).optional(),
      IncludePublic: z.literal(false).optional(),
      Filters: filterSchema,
      MaxRecords: z.int().min(20).max(100).optional(),
      Marker: z.string().optional(),
    }),
    (caller, request) => {
      const { DBSnapshotIdentifier: name, DBInstanceIdentifier: of, DbiResourceId } = request;
      const snapshots =
        name === undefined
          ? collectionOf(caller, "snapshot").list(caller.scope)
          : [find(caller, "snapshot", name.replace(/^arn:.*:snapshot:/, ""))];
      const wanted = snapshots
        .filter(({ body }) => [undefined, body.instance.identifier].includes(of?.toLowerCase()))
        .filter(({ body }) => [undefined, body.instance.resourceId].includes(DbiResourceId))
        .filter(({ body }) => [undefined, typeOf(body)].includes(request.SnapshotType));
      const found = select(wanted, request.Filters, ({ name: id, body }) => ({
        "db-snapshot-id": [id, rdsArn(caller, "snapshot", id)],
        "db-instance-id": [body.instance.identifier],
        "dbi-resource-id": [body.instance.resourceId],
        "snapshot-type": [typeOf(body)],
        engine: [ENGINE],
      }));
      const page = pageOf(found, { size: request.MaxRecords ?? 100, marker: request.Marker });
      return {
        DBSnapshots: page.items.map((snapshot) => describe(caller, snapshot)),
        Marker: page.next,
      };
    },
  ),
  DeleteDBSnapshot: operation(
    z.strictObject({ DBSnapshotIdentifier: z.string() }),
    (caller, { DBSnapshotIdentifier }) => {
      const snapshot = find(caller, "snapshot", DBSnapshotIdentifier);
      const { id, body } = snapshot;
      if (body.isAutomated || body.status !== "available" || isBeingRestored(caller, id)) {
        throw refusal(
          "InvalidDBSnapshotState",
          body.isAutomated
            ? "An automated snapshot is deleted with its instance."
            : "The snapshot is in use. Try again when it is available.",
        );
      }
      const deleted = collectionOf(caller, "snapshot").update(caller.scope, id, {
        body: { ...body, status: "deleting" },
      });
      finishDeletion(caller, deleted);
      return { DBSnapshot: describe(caller, deleted) };
    },
  ),
};

const typeOf = ({ isAutomated }: Snapshot["body"]): string =>
  isAutomated ? "automated" : "manual";

function describe(caller: Caller, { name, createdAt, body }: Snapshot): DBSnapshot {
  const { instance } = body;
  return {
    DBSnapshotIdentifier: name,
    DBSnapshotArn: rdsArn(caller, "snapshot", name),
    DBInstanceIdentifier: instance.identifier,
    DbiResourceId: instance.resourceId,
    Status: body.status,
    SnapshotType: typeOf(body),
    SnapshotCreateTime: new Date(createdAt),
    OriginalSnapshotCreateTime: new Date(createdAt),
    PercentProgress: body.status === "creating" ? 0 : 100,
    Engine: ENGINE,
    EngineVersion: instance.engineVersion,
    LicenseModel: "postgresql-license",
    MasterUsername: instance.masterUsername,
    Port: instance.port,
    VpcId: instance.vpcId,
    AvailabilityZone: instance.zone,
    InstanceCreateTime: new Date(instance.createdAt),
    AllocatedStorage: instance.allocatedStorage,
    StorageType: instance.storageType,
    Iops: instance.iops,
    StorageThroughput: instance.storageThroughput,
    Encrypted: instance.storageEncrypted,
    OptionGroupName: OPTION_GROUP,
    IAMDatabaseAuthenticationEnabled: false,
    SnapshotTarget: "region",
    TagList: tagList(body.tags),
  };
}
