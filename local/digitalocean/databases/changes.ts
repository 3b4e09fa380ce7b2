import { inOrder } from "../../in-order.ts";
import type { VendorContext } from "../../vendor-context.ts";
import {
  type Cluster,
  type ClusterBody,
  requireOnline,
  type Step,
  writeCluster,
} from "./clusters.ts";
import { doPending } from "./roles.ts";
import { ensurePooler, ensureServer } from "./servers.ts";

/** Runs `work` when all earlier work on that cluster has ended. */
export const onCluster = <R>(
  cloud: VendorContext,
  clusterId: string,
  work: () => Promise<R>,
): Promise<R> => inOrder(cloud, `database/${clusterId}`, work);

/** Makes the cluster's servers what its document says. It may be done again at any time. */
export async function apply(cloud: VendorContext, cluster: Cluster): Promise<Cluster> {
  await ensureServer(cloud, cluster);
  await doPending(cloud, cluster);
  await ensurePooler(cloud, cluster);
  return cluster.body.pending.length === 0
    ? cluster
    : writeCluster(cloud, cluster, { pending: [] });
}

/**
 * Changes a cluster that is online. `plan` refuses, or tells the change; that is written down before the
 * servers are touched, so that a killed cloud goes on with it. When the servers do not take it, it is
 * taken back.
 */
export async function changeCluster(
  cloud: VendorContext,
  accountId: string,
  id: string,
  plan: (cluster: Cluster) => Promise<Partial<ClusterBody>> | Partial<ClusterBody>,
): Promise<Cluster> {
  requireOnline(cloud, accountId, id);
  return onCluster(cloud, id, async () => {
    const known = requireOnline(cloud, accountId, id);
    const before = known.body.pending.length > 0 ? await apply(cloud, known) : known;
    const change = await plan(before);
    const after = writeCluster(cloud, before, change);
    try {
      return await apply(cloud, after);
    } catch (error) {
      await takeBack(cloud, before, change);
      throw error;
    }
  });
}

async function takeBack(
  cloud: VendorContext,
  before: Cluster,
  change: Partial<ClusterBody>,
): Promise<void> {
  // Only what was changed: tags, say, may have been changed by somebody else meanwhile.
  const earlier = Object.fromEntries(
    Object.keys(change).map((field) => [field, before.body[field as keyof ClusterBody]]),
  ) as Partial<ClusterBody>;
  const pending = (change.pending ?? []).map((step) => inverse(step, before.body));
  const restored = writeCluster(cloud, before, { ...earlier, pending });
  // What cannot be taken back now stays pending.
  await apply(cloud, restored).catch((error: unknown) =>
    cloud.log(`database cluster ${before.id}: a change could not be taken back yet. ${error}`),
  );
}

function inverse({ kind, name }: Step, before: ClusterBody): Step {
  if (kind === "database") return { kind: "drop-database", name };
  if (kind === "drop-database") return { kind: "database", name };
  const existed = before.users.some((user) => user.name === name);
  return { kind: existed ? "role" : "drop-role", name };
}
