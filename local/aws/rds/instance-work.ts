/** Brings servers to where their instances' documents say they should be; begun again, it goes on. */

import { backgroundOf } from "../background.ts";
import type { Caller } from "../caller.ts";
import { detach } from "../ec2/interfaces.ts";
import { applyDynamic, parametersAtBoot } from "./applied-parameters.ts";
import {
  collectionOf,
  type Instance,
  type InstanceBody,
  type InstanceStatus,
  rdsArn,
} from "./documents.ts";
import { instanceSpec, setMasterPassword, setUpMaster } from "./server.ts";
import {
  cloneSnapshotInto,
  releaseSnapshot,
  removeSnapshot,
  snapshotsOf,
  takeSnapshot,
} from "./snapshot-work.ts";

/** Does in the background what the instance's status asks for. */
export function advance(caller: Caller, id: string): void {
  const name = collectionOf(caller, "db").get(caller.scope, id)?.name ?? id;
  backgroundOf(caller.cloud).schedule(`rds/${id}`, {
    what: `The database ${name} of AWS account ${caller.accountId}`,
    work: () => settle(caller, id),
    onTrouble: () => noteTrouble(caller, id),
  });
}

/** What each status asks for; a step ends by moving on to another status, or leaves the last one. */
const STEPS: Readonly<
  Record<InstanceStatus, (caller: Caller, instance: Instance) => Promise<void>>
> = {
  creating: create,
  "backing-up": backUp,
  available: keepRunning,
  modifying: modify,
  rebooting: reboot,
  starting: start,
  stopping: stop,
  stopped: async () => undefined,
  deleting: remove,
};

async function settle(caller: Caller, id: string): Promise<void> {
  const instances = collectionOf(caller, "db");
  for (let last: InstanceStatus | undefined; ; ) {
    const instance = instances.get(caller.scope, id);
    if (instance === undefined || instance.body.status === last) return;
    last = instance.body.status;
    await STEPS[last](caller, instance);
    clearTrouble(caller, id);
  }
}

async function create(caller: Caller, { id, body: asked }: Instance): Promise<void> {
  const { engines, vault } = caller.cloud;
  if (asked.endpoint === undefined) await giveEndpoint(caller, id, asked);
  // The parameters may be what it failed with, and others by now.
  const { body } = withParametersNow(caller, id);
  const spec = await instanceSpec(caller, body);
  if (body.restoredFrom !== undefined) await cloneSnapshotInto(caller, body.restoredFrom, spec);
  await engines.postgres.ensure(spec);
  await engines.postgres.as(spec, "postgres", async (client) => {
    await setUpMaster(client, body);
    if (body.newVerifier !== undefined) {
      await setMasterPassword(client, body.masterUsername, vault.open(body.newVerifier));
    }
    await applyDynamic(client, body.parameters);
  });
  move(caller, id, "creating", "backing-up", withoutVerifier(body.newVerifier));
  if (body.restoredFrom !== undefined) releaseSnapshot(caller, body.restoredFrom);
}

async function giveEndpoint(caller: Caller, id: string, { port }: InstanceBody): Promise<void> {
  const [endpoint] = await caller.cloud.engines.endpoints([port]);
  collectionOf(caller, "db").update(caller.scope, id, {
    // Read again: a deletion may have been asked for meanwhile.
    body: { ...bodyOf(caller, id), endpoint },
  });
}

/** Takes over what the parameter group says now, which is possible as long as the server does not run. */
function withParametersNow(caller: Caller, id: string): Instance {
  const body = bodyOf(caller, id);
  const parameters = parametersAtBoot(caller, body.parameterGroup);
  return collectionOf(caller, "db").update(caller.scope, id, { body: { ...body, parameters } });
}

async function backUp(caller: Caller, instance: Instance): Promise<void> {
  const { id, body } = instance;
  for (const snapshot of snapshotsOf(caller, instance)) {
    if (snapshot.body.status === "creating") {
      await takeSnapshot(caller, snapshot, await instanceSpec(caller, body));
    }
  }
  move(caller, id, "backing-up", "available");
}

async function keepRunning(caller: Caller, { body }: Instance): Promise<void> {
  const spec = await instanceSpec(caller, body);
  await caller.cloud.engines.postgres.ensure(spec);
  await caller.cloud.engines.postgres.as(spec, "postgres", (client) =>
    applyDynamic(client, body.parameters),
  );
}

async function modify(caller: Caller, instance: Instance): Promise<void> {
  const { id, body } = instance;
  await keepRunning(caller, instance);
  if (body.newVerifier !== undefined) {
    const verifier = caller.cloud.vault.open(body.newVerifier);
    await caller.cloud.engines.postgres.as(await instanceSpec(caller, body), "postgres", (client) =>
      setMasterPassword(client, body.masterUsername, verifier),
    );
  }
  move(caller, id, "modifying", "available", withoutVerifier(body.newVerifier));
}

async function reboot(caller: Caller, { id, body }: Instance): Promise<void> {
  await caller.cloud.engines.postgres.stop(body.serverId);
  await keepRunning(caller, withParametersNow(caller, id));
  move(caller, id, "rebooting", "available");
}

async function start(caller: Caller, { id }: Instance): Promise<void> {
  await keepRunning(caller, withParametersNow(caller, id));
  move(caller, id, "starting", "available");
}

async function stop(caller: Caller, { id, body }: Instance): Promise<void> {
  await caller.cloud.engines.postgres.stop(body.serverId);
  move(caller, id, "stopping", "stopped");
}

async function remove(caller: Caller, instance: Instance): Promise<void> {
  const { id, name, body } = instance;
  const { engines, store } = caller.cloud;
  for (const snapshot of snapshotsOf(caller, instance)) {
    if (snapshot.body.isAutomated) await removeSnapshot(caller, snapshot);
    else if (snapshot.body.status === "creating") {
      await takeSnapshot(caller, snapshot, await instanceSpec(caller, body));
    }
  }
  await engines.postgres.remove(body.serverId);
  store.transaction(() => {
    detach(caller, rdsArn(caller, "db", name));
    collectionOf(caller, "db").remove(caller.scope, id);
  });
  if (body.restoredFrom !== undefined) releaseSnapshot(caller, body.restoredFrom);
}

/** Moves on, unless the API has meanwhile asked for something else. */
function move(
  caller: Caller,
  id: string,
  from: InstanceStatus,
  to: InstanceStatus,
  change: (body: InstanceBody) => InstanceBody = (body) => body,
): void {
  const instance = collectionOf(caller, "db").get(caller.scope, id);
  if (instance === undefined) return;
  const body = change(instance.body);
  collectionOf(caller, "db").update(caller.scope, id, {
    body: { ...body, status: body.status === from ? to : body.status },
  });
}

/** The verifier is done with when the server has it, unless there is a newer one. */
const withoutVerifier =
  (applied: InstanceBody["newVerifier"]) =>
  (body: InstanceBody): InstanceBody => {
    if (body.newVerifier !== applied) return body;
    const { newVerifier: _, ...rest } = body;
    return rest;
  };

function clearTrouble(caller: Caller, id: string): void {
  const instance = collectionOf(caller, "db").get(caller.scope, id);
  if (instance?.body.trouble === undefined) return;
  const { trouble: _, ...body } = instance.body;
  collectionOf(caller, "db").update(caller.scope, id, { body });
}

function noteTrouble(caller: Caller, id: string): void {
  const instance = collectionOf(caller, "db").get(caller.scope, id);
  if (instance === undefined) return;
  const hasParameters = Object.keys(instance.body.parameters.static).length > 0;
  const trouble = hasParameters ? "incompatible-parameters" : "failed";
  collectionOf(caller, "db").update(caller.scope, id, { body: { ...instance.body, trouble } });
}

function bodyOf(caller: Caller, id: string): InstanceBody {
  const instance = collectionOf(caller, "db").get(caller.scope, id);
  if (instance === undefined) throw new Error(`The instance ${id} is gone.`);
  return instance.body;
}
