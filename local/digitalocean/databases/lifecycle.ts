import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { retriesOf } from "../../retries.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { requireRegion } from "../catalogue/regions.ts";
import { unprocessable } from "../envelope.ts";
import { assignToProject, requireProject } from "../projects/records.ts";
import { ensureTags } from "../tags/records.ts";
import { vpcForResource } from "../vpcs/records.ts";
import { copyOrigin, findOrigin, scheduleFirstBackup } from "./backups.ts";
import { type Layout, requireEngine, requireLayout, requireVersion } from "./catalogue.ts";
import { apply, onCluster } from "./changes.ts";
import {
  ADMIN,
  type Cluster,
  type ClusterBody,
  clustersOf,
  DEFAULT_DATABASE,
  type Event,
  listClusters,
  requireCluster,
  writeCluster,
} from "./clusters.ts";
import { newPassword, newUser } from "./credentials.ts";
import type { createBody } from "./requests.ts";
import { FIRST_STEPS } from "./roles.ts";
import { innerEndpoint, PORT, removeServers } from "./servers.ts";
import { wholeSeconds } from "./time.ts";
import { toRules } from "./trusted-sources.ts";

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const NAME_LENGTH = { least: 3, most: 63 } as const;
const MAINTENANCE = { day: "monday", hour: "03:00:00" } as const;
/** As many as are kept of a cluster. */
const MOST_EVENTS = 50;
/** Servers that are brought up at once when the cloud starts. */
const AT_ONCE = 4;

export const urnOf = (clusterId: string): string => `do:dbaas:${clusterId}`;

/** Writes the new cluster down; `settleCluster` then makes its server. */
export async function createCluster(
  cloud: VendorContext,
  accountId: string,
  request: z.infer<typeof createBody>,
): Promise<Cluster> {
  const { name } = request;
  if (!NAME.test(name) || name.length < NAME_LENGTH.least || name.length > NAME_LENGTH.most) {
    throw unprocessable(
      "invalid cluster name. Use 3 to 63 lower-case letters, digits and hyphens, without a hyphen at an end.",
    );
  }
  const engine = requireEngine(request.engine);
  const version = requireVersion(engine, request.version ?? undefined);
  const region = requireRegion(request.region.toLowerCase()).slug;
  const layout = requireLayout(engine, {
    size: request.size,
    nodes: request.num_nodes,
    storageMib: request.storage_size_mib ?? 0,
  });
  const origin = findOrigin(cloud, accountId, engine, layout, request.backup_restore);
  const rules = toRules(request.rules ?? [], []);
  const vpc = vpcForResource(cloud, accountId, {
    vpcId: request.private_network_uuid ?? undefined,
    region,
    field: "private_network_uuid",
  });
  const project = request.project_id
    ? requireProject(cloud, accountId, request.project_id)
    : undefined;
  refuseTakenName(cloud, accountId, name);

  const versions = await cloud.engines.versions();
  const [server, pooler] = await cloud.engines.endpoints(
    engine === "pg" ? [PORT.pg, PORT.pools] : [PORT.valkey],
  );
  if (server === undefined) throw new Error("The engines gave no endpoint.");
  const inner = engine === "valkey" ? await innerEndpoint(cloud) : null;
  return cloud.store.transaction(() => {
    refuseTakenName(cloud, accountId, name);
    const cluster = clustersOf(cloud).insert(accountId, {
      id: randomUUID(),
      name,
      body: {
        engine,
        version,
        semanticVersion: engine === "pg" ? versions.postgres : versions.valkey.version,
        region,
        ...layout,
        status: origin === null ? "creating" : "forking",
        origin,
        vpcId: vpc.id,
        tags: ensureTags(cloud, accountId, request.tags ?? []),
        server,
        inner,
        pooler: pooler ?? null,
        superuser: cloud.vault.seal(newPassword()),
        users: [newUser(cloud.vault, ADMIN[engine])],
        databases: engine === "pg" ? [DEFAULT_DATABASE] : [],
        pools: [],
        rules,
        configuration: {},
        maintenance: MAINTENANCE,
        backups: [],
        discarded: [],
        events: [],
        pending: engine === "pg" && origin === null ? FIRST_STEPS : [],
      },
    });
    if (project !== undefined) assignToProject(cloud, project, urnOf(cluster.id));
    return cluster;
  });
}

/**
 * Brings the cluster's servers to what its document says, in the background: made, changed, running or
 * removed. Resolves when it was tried once; what fails is tried again by itself.
 */
export function settleCluster(
  cloud: VendorContext,
  { account, id, name }: Pick<Cluster, "account" | "id" | "name">,
): Promise<void> {
  const settle = async () => {
    const cluster = clustersOf(cloud).get(account, id);
    if (cluster !== undefined) await STEPS[cluster.body.status](cloud, cluster);
  };
  return retriesOf(cloud).run(`database/${id}`, {
    what: `The database cluster ${name} (${id})`,
    work: () => onCluster(cloud, id, settle),
  });
}

/** What each status asks for. */
const STEPS: Readonly<
  Record<ClusterBody["status"], (cloud: VendorContext, cluster: Cluster) => Promise<void>>
> = {
  creating: provision,
  forking: provision,
  resizing: provision,
  online: bringUp,
  deleting: remove,
};

async function provision(cloud: VendorContext, cluster: Cluster): Promise<void> {
  const isNew = cluster.body.status !== "resizing";
  const ready = await apply(cloud, await copyOrigin(cloud, cluster));
  writeCluster(cloud, ready, {
    status: "online",
    events: withEvent(ready, isNew ? "cluster_create" : "cluster_update"),
  });
  if (isNew) scheduleFirstBackup(cloud, ready);
}

async function bringUp(cloud: VendorContext, cluster: Cluster): Promise<void> {
  scheduleFirstBackup(cloud, await apply(cloud, cluster));
}

async function remove(cloud: VendorContext, cluster: Cluster): Promise<void> {
  await removeServers(cloud, cluster);
  clustersOf(cloud).remove(cluster.account, cluster.id);
}

/** Writes another size down; the server takes it over in the background. */
export function resizeCluster(cloud: VendorContext, cluster: Cluster, layout: Layout): void {
  void settleCluster(cloud, writeCluster(cloud, cluster, { ...layout, status: "resizing" }));
}

/**
 * Removes the cluster with servers, data and backups. From then on it is gone for the API; what cannot be
 * removed yet is removed in the background.
 */
export async function deleteCluster(
  cloud: VendorContext,
  accountId: string,
  id: string,
): Promise<void> {
  requireDeletable(cloud, accountId, id);
  const deleted = await onCluster(cloud, id, async () => {
    const cluster = requireDeletable(cloud, accountId, id);
    return writeCluster(cloud, cluster, { status: "deleting" });
  });
  await settleCluster(cloud, deleted);
}

function requireDeletable(cloud: VendorContext, accountId: string, id: string): Cluster {
  const copy = listClusters(cloud, accountId).find(({ body }) => body.origin?.clusterId === id);
  if (copy !== undefined) {
    throw unprocessable(
      `The cluster is being copied to ${copy.name}. Delete it once that is online.`,
    );
  }
  return requireCluster(cloud, accountId, id);
}

/** Brings the servers of all clusters up, and goes on with what was begun. */
export async function startClusters(cloud: VendorContext): Promise<void> {
  const clusters = clustersOf(cloud).all();
  const settle = (cluster: Cluster) => settleCluster(cloud, cluster);
  await forEach(
    clusters.filter(({ body }) => body.status === "online"),
    settle,
  );
  // Nobody waits for these: they take their time at the vendor too.
  void forEach(
    clusters.filter(({ body }) => body.status !== "online"),
    settle,
  );
}

/** The cluster's events with one more. */
export const withEvent = ({ body }: Cluster, type: Event["type"]): Event[] => [
  ...body.events.slice(1 - MOST_EVENTS),
  { id: randomUUID(), type, time: wholeSeconds(new Date()) },
];

function refuseTakenName(cloud: VendorContext, accountId: string, name: string): void {
  if (clustersOf(cloud).byName(accountId, name) !== undefined) {
    throw unprocessable("cluster name is not available");
  }
}

async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
