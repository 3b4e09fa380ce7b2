import type { DBSnapshot } from "@aws-sdk/client-rds";
import { SERVER_TIMEOUT_MS, waitUntil } from "../../../../../providers/sdk/wait.ts";
import { present } from "../../../present.ts";
import type { Regional } from "../../client.ts";
import { orMissing } from "../../fault.ts";
import { output, REPLACE, required } from "../../rows.ts";
import { type AwsContext, define, regionRow, stillCreating } from "../../shared.ts";
import { allTags, liveTags, syncTags, tagList, tagRows } from "../../tags.ts";

const properties = {
  ...regionRow,
  ...tagRows,
  dbInstanceIdentifier: required("string", "The instance of which it is taken.", REPLACE),
  dbSnapshotIdentifier: required("string", "Name of the snapshot.", REPLACE),
  allocatedStorage: output("integer", "Storage of the instance in GiB."),
  availabilityZone: output("string", "Zone that the instance was in."),
  dbSnapshotArn: output("string", "ARN of the snapshot."),
  encrypted: output("boolean", "Whether the snapshot is encrypted."),
  engine: output("string", "Engine of the instance."),
  engineVersion: output("string", "Engine version of the instance."),
  port: output("integer", "Port of the instance."),
  snapshotType: output("string", "Kind of the snapshot."),
  status: output("string", "Status of the snapshot."),
  storageType: output("string", "Storage type of the instance."),
  vpcId: output("string", "VPC of the instance."),
} as const;

/** `aws.rds.Snapshot`. @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html */
export const dbSnapshot = define({
  token: "aws:rds/snapshot:Snapshot",
  title: "DB snapshot",
  doc: "A snapshot of a DB instance. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateSnapshot.html",
  identity: ["region", "dbSnapshotIdentifier"],
  importFormat: "<db_snapshot_identifier>",
  properties,
  // The creation time is told only once the snapshot is ready.
  creationTimeUnknown: true,
  parseImportId: (id) => (id === "" ? undefined : { id, state: { dbSnapshotIdentifier: id } }),
  async create({ client }, inputs) {
    const rds = await client.rds(inputs);
    const tagsAll = allTags(client, inputs);
    const { DBSnapshot: made } = await rds.createDBSnapshot({
      DBInstanceIdentifier: inputs.dbInstanceIdentifier,
      DBSnapshotIdentifier: inputs.dbSnapshotIdentifier,
      Tags: tagList(tagsAll),
    });
    const region = client.regionOf(inputs);
    return { id: inputs.dbSnapshotIdentifier, state: { ...stateOf(made ?? {}), region, tagsAll } };
  },
  async finish(context, { id, state }, inputs) {
    const found = await waitUntil(context, {
      doing: "creating",
      timeoutMs: SERVER_TIMEOUT_MS,
      probe: async () => {
        const found = await describe(context, inputs, id);
        const status = found?.Status ?? "not found";
        const failed = found === undefined || status === "failed";
        const outcome = status === "available" ? "ready" : failed ? "failed" : "waiting";
        return { value: found ?? {}, status, outcome };
      },
    });
    return { id, state: { ...state, ...stateOf(found) } };
  },
  async read(context, id, { inputs, state }) {
    const { client } = context;
    const found = await describe(context, state, id);
    if (found === undefined) return undefined;
    const region = client.regionOf(state);
    const tags = liveTags(client, found.TagList, inputs ?? state);
    const live = { id, state: { ...stateOf(found), region, ...tags } };
    if (found.Status === "creating") throw stillCreating(context, "creating", live);
    return live;
  },
  async update({ client }, _id, inputs, known) {
    const arn = known.state.dbSnapshotArn;
    if (arn) await syncTags(await client.rds(inputs), client, arn, inputs);
    return { tagsAll: allTags(client, inputs) };
  },
  async delete({ client }, id, state) {
    await (await client.rds(state)).deleteDBSnapshot({ DBSnapshotIdentifier: id });
  },
  async findExisting(context, inputs) {
    const id = inputs.dbSnapshotIdentifier;
    const found = await describe(context, inputs, id);
    const region = context.client.regionOf(inputs);
    const tagsAll = allTags(context.client, inputs);
    return found && { id, state: { ...stateOf(found), region, tagsAll } };
  },
});

async function describe(
  { client }: AwsContext,
  where: Regional,
  id: string,
): Promise<DBSnapshot | undefined> {
  const rds = await client.rds(where);
  const answer = await orMissing(rds.describeDBSnapshots({ DBSnapshotIdentifier: id }));
  return answer?.DBSnapshots?.[0];
}

function stateOf(found: DBSnapshot) {
  return present({
    dbInstanceIdentifier: found.DBInstanceIdentifier,
    dbSnapshotIdentifier: found.DBSnapshotIdentifier,
    allocatedStorage: found.AllocatedStorage,
    availabilityZone: found.AvailabilityZone,
    dbSnapshotArn: found.DBSnapshotArn,
    encrypted: found.Encrypted,
    engine: found.Engine,
    engineVersion: found.EngineVersion,
    port: found.Port,
    snapshotType: found.SnapshotType,
    status: found.Status,
    storageType: found.StorageType,
    vpcId: found.VpcId,
  });
}
