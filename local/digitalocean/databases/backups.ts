import { randomBytes } from "node:crypto";
import type { z } from "zod";
import type { PostgresSpec } from "../../engines/engines.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { unprocessable } from "../envelope.ts";
import type { EngineSlug, Layout } from "./catalogue.ts";
import { onCluster } from "./changes.ts";
import { type Backup, type Cluster, clustersOf, type Origin, writeCluster } from "./clusters.ts";
import { newUser } from "./credentials.ts";
import type { restoreBody } from "./requests.ts";
import { PORT, postgresSpec, serverId } from "./servers.ts";
import { wholeSeconds } from "./time.ts";

/** A first backup is made this long after a cluster is online, as the vendor makes one soon. */
const FIRST_BACKUP_AFTER_MS = 4000;
const DAY_MS = 86_400_000;
const MOST_BACKUPS = 3;
const GIGABYTE = 1e9;

/** Makes the first backup in a moment, unless the cluster has one that is recent. */
export function scheduleFirstBackup(cloud: VendorContext, cluster: Cluster): void {
  if (cluster.body.engine !== "pg" || !isDue(cluster)) return;
  setTimeout(() => void backUpWhenDue(cloud, cluster), FIRST_BACKUP_AFTER_MS).unref();
}

/** Makes a backup when the last one is a day old. One that fails is made another time. */
export async function backUpWhenDue(
  cloud: VendorContext,
  { account, id }: Pick<Cluster, "account" | "id">,
): Promise<void> {
  try {
    await onCluster(cloud, id, async () => {
      const cluster = clustersOf(cloud).get(account, id);
      if (cluster?.body.status === "online" && isDue(cluster)) await backUp(cloud, cluster);
    });
  } catch (error) {
    cloud.log(`database cluster ${id}: no backup was made. ${error}`);
  }
}

const isDue = ({ body }: Cluster): boolean =>
  Date.now() - Date.parse(body.backups.at(-1)?.createdAt ?? "1970-01-01") >= DAY_MS;

async function backUp(cloud: VendorContext, cluster: Cluster): Promise<void> {
  const { postgres } = cloud.engines;
  const copy = `${serverId(cluster.id)}-b${randomBytes(4).toString("hex")}`;
  const stale = cluster.body.discarded;
  // Written down first, so that a copy that was cut off does not stay for ever.
  writeCluster(cloud, cluster, { discarded: [...stale, copy] });
  const source = await postgresSpec(cloud, cluster);
  const createdAt = wholeSeconds(new Date());
  await postgres.clone(source, await backupSpec(cloud, cluster, copy));
  await postgres.stop(copy);
  const sizeGigabytes = await postgres.as(source, "postgres", async (client) => {
    const { rows } = await client.query<{ bytes: string }>(
      "SELECT sum(pg_database_size(oid)) AS bytes FROM pg_database",
    );
    return Number(rows[0]?.bytes) / GIGABYTE;
  });
  const { users, databases, backups } = cluster.body;
  const backup: Backup = {
    serverId: copy,
    createdAt,
    sizeGigabytes,
    users: users.map(({ name }) => name),
    databases,
  };
  const all = [...backups, backup];
  const kept = all.filter(
    ({ serverId: id }, index) => index >= all.length - MOST_BACKUPS || isBeingRestored(cloud, id),
  );
  const expired = all.filter((each) => !kept.includes(each)).map(({ serverId: id }) => id);
  writeCluster(cloud, cluster, { backups: kept, discarded: [...stale, ...expired] });
  for (const id of [...stale, ...expired]) await postgres.remove(id);
  writeCluster(cloud, cluster, { discarded: [] });
}

const isBeingRestored = (cloud: VendorContext, backupServerId: string): boolean =>
  clustersOf(cloud)
    .all()
    .some(({ body }) => body.origin?.backupServerId === backupServerId);

/** The server of a backup, for as long as it is made or read; no client gets in. */
async function backupSpec(
  cloud: VendorContext,
  cluster: Cluster,
  id: string,
): Promise<PostgresSpec> {
  const [endpoint] = await cloud.engines.endpoints([PORT.pg]);
  return { ...(await postgresSpec(cloud, cluster)), id, endpoint, access: [] };
}

/** What a request for a copy means, or the vendor's refusal; null for a cluster that begins empty. */
export function findOrigin(
  cloud: VendorContext,
  accountId: string,
  engine: EngineSlug,
  layout: Layout,
  request: z.infer<typeof restoreBody> | null | undefined,
): Origin | null {
  if (request === null || request === undefined) return null;
  const { database_name: name, backup_created_at: time } = request;
  const source = clustersOf(cloud).byName(accountId, name);
  if (source === undefined || source.body.status !== "online") {
    throw unprocessable(
      `backup_restore.database_name: there is no cluster "${name}" that is online. Name one of this team.`,
    );
  }
  if (engine !== "pg" || source.body.engine !== "pg") {
    throw unprocessable(
      "backup_restore: backups are not supported for Valkey clusters. Create it without.",
    );
  }
  if (layout.storageMib < source.body.storageMib) {
    throw unprocessable(
      `storage_size_mib: a copy of "${name}" needs its ${source.body.storageMib} MiB at least.`,
    );
  }
  if (time === null || time === undefined) return { clusterId: source.id, backupServerId: null };
  const backup = source.body.backups.find(({ createdAt }) => createdAt === wholeSeconds(time));
  if (backup === undefined) {
    throw unprocessable(
      `backup_restore.backup_created_at: "${name}" has no backup of ${time}. Take a time of its backups.`,
    );
  }
  return { clusterId: source.id, backupServerId: backup.serverId };
}

/** Copies the data of a cluster that is to begin with another's; its users get passwords of their own. */
export async function copyOrigin(cloud: VendorContext, cluster: Cluster): Promise<Cluster> {
  const { origin } = cluster.body;
  if (origin === null) return cluster;
  return onCluster(cloud, origin.clusterId, async () => {
    const source = clustersOf(cloud).get(cluster.account, origin.clusterId);
    if (source === undefined) throw new Error("The cluster that it is a copy of is gone.");
    const held = await copyData(cloud, source, cluster, origin);
    const known = new Map(cluster.body.users.map((user) => [user.name, user]));
    const may = (name: string) =>
      source.body.users.some((user) => user.name === name && user.replication);
    return writeCluster(cloud, cluster, {
      origin: null,
      users: held.users.map((name) => known.get(name) ?? newUser(cloud.vault, name, may(name))),
      databases: held.databases,
      pending: held.users.map((name) => ({ kind: "role", name })),
    });
  });
}

async function copyData(
  cloud: VendorContext,
  source: Cluster,
  target: Cluster,
  { backupServerId }: Origin,
): Promise<Pick<Backup, "users" | "databases">> {
  const { postgres } = cloud.engines;
  const targetSpec = await postgresSpec(cloud, target);
  if (backupServerId === null) {
    await postgres.clone(await postgresSpec(cloud, source), targetSpec);
    const { users, databases } = source.body;
    return { users: users.map(({ name }) => name), databases };
  }
  const backup = source.body.backups.find((each) => each.serverId === backupServerId);
  if (backup === undefined) throw new Error("The backup that it is restored from is gone.");
  const spec = await backupSpec(cloud, source, backupServerId);
  try {
    await postgres.ensure(spec);
    await postgres.clone(spec, targetSpec);
  } finally {
    await postgres.stop(backupServerId);
  }
  return backup;
}
