/** Snapshots are whole copies of a server's data, each in a folder of its own, that no server runs on. */
import type { Endpoint, PostgresSpec } from "../../engines/engines.ts";
import { inOrder } from "../../in-order.ts";
import { backgroundOf } from "../background.ts";
import type { Caller } from "../caller.ts";
import { newServerId } from "../server-id.ts";
import type { Tags } from "../tags.ts";
import { collectionOf, type Instance, type Snapshot, type SnapshotBody } from "./documents.ts";
import { newSuperuserPassword } from "./passwords.ts";
import { serverSpec } from "./server.ts";

/** Those of an instance. */
export const snapshotsOf = (caller: Caller, { body: { resourceId } }: Instance): Snapshot[] =>
  collectionOf(caller, "snapshot")
    .list(caller.scope)
    .filter(({ body }) => body.instance.resourceId === resourceId);

/** Keeps a snapshot that is to be taken. Throws NameTakenError. */
export function insertSnapshot(
  caller: Caller,
  { name: identifier, createdAt, body }: Instance,
  snapshot: { readonly name: string; readonly isAutomated: boolean; readonly tags: Tags },
): Snapshot {
  const serverId = newServerId("rds-snapshot");
  const instance: SnapshotBody["instance"] = {
    identifier,
    createdAt,
    resourceId: body.resourceId,
    masterUsername: body.masterUsername,
    engineVersion: body.engineVersion,
    storageEncrypted: body.storageEncrypted,
    port: body.port,
    ...(body.dbName === undefined ? {} : { dbName: body.dbName }),
    zone: body.zone,
    vpcId: body.vpcId,
    instanceClass: body.instanceClass,
    allocatedStorage: body.allocatedStorage,
    maxAllocatedStorage: body.maxAllocatedStorage,
    storageType: body.storageType,
    iops: body.iops,
    storageThroughput: body.storageThroughput,
    multiAz: body.multiAz,
    backupRetention: body.backupRetention,
  };
  return collectionOf(caller, "snapshot").insert(caller.scope, {
    id: serverId,
    name: snapshot.name,
    body: {
      status: "creating",
      isAutomated: snapshot.isAutomated,
      serverId,
      superuserPassword: newSuperuserPassword(caller.cloud),
      instance,
      tags: snapshot.tags,
    },
  });
}

/** Runs `work` while nothing else is done with that snapshot's data. */
const onSnapshot = (caller: Caller, id: string, work: () => Promise<void>): Promise<void> =>
  inOrder(caller.cloud, `rds-snapshot/${id}`, work);

/** Copies the data that the instance's server has now. May be done again. */
export function takeSnapshot(
  caller: Caller,
  { id }: Snapshot,
  source: PostgresSpec,
): Promise<void> {
  const { engines } = caller.cloud;
  return onSnapshot(caller, id, async () => {
    const body = await withEndpoint(caller, id);
    await engines.postgres.clone(source, await serverSpec(caller, body));
    await engines.postgres.stop(body.serverId);
    change(caller, id, { status: "available" });
  });
}

/** Begins a new server with a snapshot's data. May be done again. */
export function cloneSnapshotInto(
  caller: Caller,
  snapshotId: string,
  target: PostgresSpec,
): Promise<void> {
  const { engines } = caller.cloud;
  return onSnapshot(caller, snapshotId, async () => {
    const source = await serverSpec(caller, await withEndpoint(caller, snapshotId));
    await engines.postgres.ensure(source);
    try {
      await engines.postgres.clone(source, target);
    } finally {
      await engines.postgres.stop(source.id);
    }
  });
}

/** Whether an instance is being created that begins with its data. */
export const isBeingRestored = (caller: Caller, snapshotId: string): boolean =>
  collectionOf(caller, "db")
    .list(caller.scope)
    .some(({ body }) => body.status === "creating" && body.restoredFrom === snapshotId);

/** Removes a snapshot with its data. One that is being restored goes once that is done. */
export function removeSnapshot(caller: Caller, { id, body }: Snapshot): Promise<void> {
  return onSnapshot(caller, id, async () => {
    if (collectionOf(caller, "snapshot").get(caller.scope, id) === undefined) return;
    change(caller, id, { status: "deleting" });
    if (isBeingRestored(caller, id)) return;
    await caller.cloud.engines.postgres.remove(body.serverId);
    collectionOf(caller, "snapshot").remove(caller.scope, id);
  });
}

/** Removes in the background a snapshot that is to be deleted. */
export function finishDeletion(caller: Caller, snapshot: Snapshot): void {
  backgroundOf(caller.cloud).schedule(`rds/${snapshot.id}`, {
    what: `The deletion of the snapshot ${snapshot.name} of AWS account ${caller.accountId}`,
    work: () => removeSnapshot(caller, snapshot),
  });
}

/** An instance does not need the snapshot any more that it began with; that may be what its deletion waits for. */
export function releaseSnapshot(caller: Caller, snapshotId: string): void {
  const snapshot = collectionOf(caller, "snapshot").get(caller.scope, snapshotId);
  if (snapshot?.body.status === "deleting") finishDeletion(caller, snapshot);
}

async function withEndpoint(caller: Caller, id: string): Promise<SnapshotBody> {
  const known = collectionOf(caller, "snapshot").get(caller.scope, id)?.body;
  if (known === undefined) throw new Error(`The snapshot ${id} is gone.`);
  if (known.endpoint !== undefined) return known;
  const [endpoint]: readonly [Endpoint] = await caller.cloud.engines.endpoints([
    known.instance.port,
  ]);
  return change(caller, id, { endpoint });
}

function change(caller: Caller, id: string, to: Partial<SnapshotBody>): SnapshotBody {
  const snapshots = collectionOf(caller, "snapshot");
  const body = snapshots.get(caller.scope, id)?.body;
  if (body === undefined) throw new Error(`The snapshot ${id} is gone.`);
  return snapshots.update(caller.scope, id, { body: { ...body, ...to } }).body;
}
