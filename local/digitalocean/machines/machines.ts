import type { PostgresSpec } from "../../engines/engines.ts";
import { inOrder } from "../../in-order.ts";
import { retriesOf } from "../../retries.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { teamAuthority } from "../accounts.ts";
import { completeActions, pendingActions } from "../actions/records.ts";
import {
  allDroplets,
  type Droplet,
  findDroplet,
  listDroplets,
  numberOf,
  removeDroplet,
  updateDroplet,
} from "../droplets/records.ts";
import { forgetDroplet, sourcesOf } from "../firewalls/records.ts";
import { leadTo, reservedIpsOf } from "../reserved-ips/records.ts";
import { releaseVolume, type Volume, volumesAttachedTo } from "../volumes/records.ts";
import { accessRules } from "./access-rules.ts";
import {
  createDataFolder,
  type DataFolder,
  deleteDiscarded,
  deleteIfDiscarded,
  discard,
  dropletServerId,
  findDataFolder,
  volumeServerId,
} from "./data-folders.ts";
import { type PostgresPlan, planMachine } from "./machine-plan.ts";
import { runSetup } from "./setup.ts";

/** Debian's own, which `setup.sql` may name. */
const SUPERUSER = "postgres";
const REBOOTS = new Set(["reboot", "power_cycle"]);

/**
 * Brings a droplet's machine to what is recorded of it: on or off, its volumes, firewalls, reserved
 * addresses. Resolves when it is there; a machine that does not come up is active all the same, as at the
 * vendor, and is tried again.
 */
export function settle(cloud: VendorContext, accountId: string, droplet: number): Promise<void> {
  return retriesOf(cloud).run(retryKey(droplet), {
    what: `Droplet ${droplet}`,
    work: () => inOrder(cloud, `droplet ${droplet}`, () => carryOut(cloud, accountId, droplet)),
  });
}

/** Settles every machine of the team, when it is not known whom a change concerns. */
export async function settleTeam(cloud: VendorContext, accountId: string): Promise<void> {
  await Promise.all(
    listDroplets(cloud, accountId).map((droplet) => settle(cloud, accountId, numberOf(droplet))),
  );
}

/** Brings up all machines that are to run, and goes on with what a killed cloud has left unfinished. */
export async function startMachines(cloud: VendorContext): Promise<void> {
  await deleteDiscarded(cloud);
  await Promise.all(
    allDroplets(cloud).map((droplet) => settle(cloud, droplet.account, numberOf(droplet))),
  );
}

/** Ends a droplet with all that is on its own disk; what is on volumes stays. */
export function destroyMachine(cloud: VendorContext, droplet: Droplet): Promise<void> {
  const { account } = droplet;
  const number = numberOf(droplet);
  return inOrder(cloud, `droplet ${number}`, async () => {
    const volumes = volumesAttachedTo(cloud, account, number);
    for (const id of [dropletServerId(number), ...volumes.map(({ id }) => volumeServerId(id))]) {
      await cloud.engines.postgres.stop(id);
    }
    cloud.store.transaction(() => {
      for (const volume of volumesAttachedTo(cloud, account, number)) releaseVolume(cloud, volume);
      for (const address of reservedIpsOf(cloud, account, number))
        leadTo(cloud, address, undefined);
      forgetDroplet(cloud, droplet);
      completeActions(cloud, account, pendingActions(cloud, account, number));
      discard(cloud, account, dropletServerId(number));
      removeDroplet(cloud, droplet);
    });
    retriesOf(cloud).end(retryKey(number));
    await deleteDiscarded(cloud);
  });
}

async function carryOut(cloud: VendorContext, accountId: string, number: number): Promise<void> {
  const droplet = findDroplet(cloud, accountId, number);
  if (droplet === undefined) return;
  const actions = pendingActions(cloud, accountId, number);
  const attached = volumesAttachedTo(cloud, accountId, number);
  const leaving = attached.filter(({ body }) => body.isLeaving);
  const follow = async () => {
    for (const { id } of leaving) await cloud.engines.postgres.stop(volumeServerId(id));
    await runServer(cloud, droplet, {
      volumes: attached.filter(({ body }) => !body.isLeaving),
      isRebooting: actions.some(({ body }) => REBOOTS.has(body.type)),
    });
  };
  const [outcome] = await Promise.allSettled([follow()]);
  const hasFailed = outcome.status === "rejected";
  // The cloud ends: the next one does all of it.
  if (hasFailed && cloud.engines.isDisposed) throw outcome.reason;
  cloud.store.transaction(() => {
    const now = findDroplet(cloud, accountId, number);
    const status = droplet.body.isOn ? "active" : "off";
    if (now !== undefined && now.body.status !== status) updateDroplet(cloud, now, { status });
    for (const volume of leaving) releaseVolume(cloud, volume);
    completeActions(cloud, accountId, actions);
  });
  if (hasFailed) throw outcome.reason;
}

async function runServer(
  cloud: VendorContext,
  droplet: Droplet,
  state: { readonly volumes: readonly Volume[]; readonly isRebooting: boolean },
): Promise<void> {
  const number = numberOf(droplet);
  const plan = planOf(cloud, droplet);
  if (plan === undefined) return;
  const volume = state.volumes.find(({ body }) => body.name === plan.volume?.name);
  if (plan.volume !== undefined && volume === undefined) {
    cloud.log(`Droplet ${number}: its PostgreSQL waits for the volume "${plan.volume.name}".`);
    return;
  }
  const serverId = volume === undefined ? dropletServerId(number) : volumeServerId(volume.id);
  if (!droplet.body.isOn || state.isRebooting) await cloud.engines.postgres.stop(serverId);
  if (!droplet.body.isOn) return;
  if (volume?.body.filesystemType === "" && !plan.volume?.isFormatted) {
    cloud.log(
      `Droplet ${number}: the volume "${volume.body.name}" has no filesystem and cannot be mounted. ` +
        "Create it with one, or format it by fs_setup.",
    );
    return;
  }
  const folder = await folderFor(cloud, droplet, serverId);
  if (folder.body.state === "failed") return;
  const spec = await specOf(cloud, droplet, folder, plan);
  if (folder.body.state === "in setup") {
    // Nobody gets in before the set-up is done.
    const closed = { ...spec, access: [] };
    await cloud.engines.postgres.ensure(closed);
    if (!(await runSetup(cloud, folder, closed, plan.setup))) {
      await cloud.engines.postgres.stop(serverId);
      return;
    }
  }
  await cloud.engines.postgres.ensure(spec);
}

/** The server's data folder; one that another droplet has left half filled is begun anew. */
async function folderFor(
  cloud: VendorContext,
  { account, id }: Droplet,
  serverId: string,
): Promise<DataFolder> {
  const known = findDataFolder(cloud, account, serverId);
  if (known !== undefined) {
    if (known.body.state === "ready" || known.body.setUpBy === Number(id)) return known;
    discard(cloud, account, serverId);
  }
  await deleteIfDiscarded(cloud, serverId);
  return createDataFolder(cloud, account, serverId, Number(id));
}

async function specOf(
  cloud: VendorContext,
  droplet: Droplet,
  folder: DataFolder,
  plan: PostgresPlan,
): Promise<PostgresSpec> {
  const { account, body } = droplet;
  const addresses = reservedIpsOf(cloud, account, numberOf(droplet)).map(({ id }) => id);
  return {
    id: folder.id,
    endpoint: body.endpoint,
    addresses,
    authority: await teamAuthority(cloud, account),
    certificate: plan.certificate,
    superuser: { name: SUPERUSER, password: cloud.vault.open(folder.body.superuser) },
    settings: plan.settings,
    access: accessRules(plan.access, sourcesOf(cloud, droplet, plan.port)),
  };
}

function planOf(cloud: VendorContext, { id, body }: Droplet): PostgresPlan | undefined {
  if (body.userData === undefined) return undefined;
  const { value, refusals = [] } = planMachine(cloud.vault.open(body.userData));
  if (value !== undefined) return value.postgres;
  // It was accepted at the droplet's creation, by an earlier version of the local cloud.
  const keys = refusals.map(({ key }) => key).join(", ");
  throw new Error(
    `Droplet ${id}: its user data is no longer served (${keys}). Replace the droplet.`,
  );
}

const retryKey = (droplet: number): string => `droplet/${droplet}`;
