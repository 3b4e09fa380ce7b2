import type { Endpoint, PgBouncerSpec, PostgresSpec, ValkeySpec } from "../../engines/engines.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { teamAuthority } from "../accounts.ts";
import { connectionsOf, planOf, RESERVED_CONNECTIONS } from "./catalogue.ts";
import { type Cluster, clustersOf } from "./clusters.ts";
import { gatesOf } from "./gates.ts";
import { POSTGRES_SETTINGS } from "./postgres-settings.ts";
import { settingLines } from "./settings.ts";
import { accessRules, letsIn } from "./trusted-sources.ts";
import { VALKEY_SETTINGS } from "./valkey-settings.ts";

/** The vendor's ports of a PostgreSQL, of its pools, and of a Valkey. */
export const PORT = { pg: 25_060, pools: 25_061, valkey: 25_061 } as const;

/** The engine's superuser, by the vendor's name for its own. */
const SUPERUSER = "_dodb";

/** Of a plan's memory, what data may take: the vendor keeps the rest for the server itself. */
const DATA_SHARE = 0.7;

/** What the administrator of a Valkey cluster may do: everything but run the server. */
const VALKEY_RULES = ["~*", "&*", "+@all", "-@admin"];

export const serverId = (clusterId: string): string => `do-${clusterId}`;
const poolerId = (clusterId: string): string => `do-${clusterId}-pools`;

/** The cluster's PostgreSQL as its document wants it. */
export async function postgresSpec(cloud: VendorContext, cluster: Cluster): Promise<PostgresSpec> {
  const { id, account, body } = cluster;
  return {
    id: serverId(id),
    endpoint: body.server,
    authority: await teamAuthority(cloud, account),
    superuser: { name: SUPERUSER, password: cloud.vault.open(body.superuser) },
    settings: {
      max_connections: String(connectionsOf(body.size)),
      superuser_reserved_connections: String(RESERVED_CONNECTIONS),
      ...settingLines(POSTGRES_SETTINGS, body.configuration),
    },
    access: accessRules(body.rules),
  };
}

async function valkeySpec(cloud: VendorContext, cluster: Cluster): Promise<ValkeySpec> {
  const { id, account, body } = cluster;
  return {
    id: serverId(id),
    endpoint: isGated(cluster) ? innerOf(cluster) : body.server,
    names: [body.server.host],
    authority: await teamAuthority(cloud, account),
    users: body.users.map(({ name, password }) => ({
      name,
      password: cloud.vault.open(password),
      rules: VALKEY_RULES,
    })),
    settings: {
      maxmemory: `${Math.floor(planOf(body.size).memoryMib * DATA_SHARE)}mb`,
      timeout: "300",
      ...settingLines(VALKEY_SETTINGS, body.configuration),
    },
  };
}

/** Makes the cluster's server run as the document wants it. */
export async function ensureServer(cloud: VendorContext, cluster: Cluster): Promise<void> {
  if (cluster.body.engine === "pg") {
    await cloud.engines.postgres.ensure(await postgresSpec(cloud, cluster));
    return;
  }
  const { id, body } = cluster;
  const gates = gatesOf(cloud);
  // Server and gate take the same endpoint in turn.
  if (!isGated(cluster)) await gates.close(id);
  await cloud.engines.valkey.ensure(await valkeySpec(cloud, cluster));
  if (!isGated(cluster)) return;
  const lets = (client: string) => letsIn(body.rules, client);
  await gates.open(id, { outer: body.server, inner: innerOf(cluster), lets });
}

const isGated = ({ body }: Cluster): boolean => body.engine === "valkey" && body.rules.length > 0;

function innerOf({ id, body }: Cluster): Endpoint {
  if (body.inner === null) throw new Error(`The cluster ${id} has no place behind its gate.`);
  return body.inner;
}

/** Where a server is that has a gate; no client is told. */
export async function innerEndpoint(cloud: VendorContext): Promise<Endpoint> {
  const [endpoint] = await cloud.engines.endpoints([PORT.valkey]);
  return endpoint;
}

/** Makes the pooler run as the document wants it: only while there are pools. */
export async function ensurePooler(cloud: VendorContext, cluster: Cluster): Promise<void> {
  const { id, account, body } = cluster;
  if (body.pooler === null) return;
  if (body.pools.length === 0) {
    await cloud.engines.pgbouncer.remove(poolerId(id));
    return;
  }
  const spec: PgBouncerSpec = {
    id: poolerId(id),
    endpoint: body.pooler,
    authority: await teamAuthority(cloud, account),
    backend: body.server,
    users: await verifiersOf(cloud, cluster),
    pools: body.pools.map(({ name, mode, size, db }) => ({ name, mode, size, database: db })),
    access: accessRules(body.rules),
  };
  await cloud.engines.pgbouncer.ensure(spec);
}

/** Asked of the server, so that roles made by SQL, and passwords changed by it, count as well. */
async function verifiersOf(cloud: VendorContext, cluster: Cluster) {
  const spec = await postgresSpec(cloud, cluster);
  const { rows } = await cloud.engines.postgres.as(spec, "postgres", (client) =>
    client.query<{ name: string; verifier: string }>(
      `SELECT rolname AS name, rolpassword AS verifier FROM pg_authid
       WHERE rolcanlogin AND NOT rolsuper AND rolpassword LIKE 'SCRAM-SHA-256$%' ORDER BY rolname`,
    ),
  );
  return rows;
}

/** Stops the cluster's servers and deletes their data. */
export async function removeServers(cloud: VendorContext, { id, body }: Cluster): Promise<void> {
  const { engines } = cloud;
  if (body.engine === "valkey") {
    await gatesOf(cloud).close(id);
    await engines.valkey.remove(serverId(id));
    return;
  }
  await engines.pgbouncer.remove(poolerId(id));
  await engines.postgres.remove(serverId(id));
  const backups = [...body.backups.map((backup) => backup.serverId), ...body.discarded];
  for (const backup of backups) await engines.postgres.remove(backup);
}

/** Whether the server runs, which is more than that it should. */
export const isUp = ({ engines }: VendorContext, { id, body }: Cluster): boolean =>
  (body.engine === "pg" ? engines.postgres : engines.valkey).state(serverId(id)) === "running";

/** Process ids of a cluster's servers while they run. */
export interface ClusterProcesses {
  readonly server: number | undefined;
  readonly pooler: number | undefined;
}

/** For measurements and fault tests. */
export function clusterProcesses(
  cloud: VendorContext,
  accountId: string,
  clusterId: string,
): ClusterProcesses {
  const { engines } = cloud;
  const engine = clustersOf(cloud).get(accountId, clusterId)?.body.engine;
  const servers = engine === "valkey" ? engines.valkey : engines.postgres;
  return {
    server: servers.pid(serverId(clusterId)),
    pooler: engines.pgbouncer.pid(poolerId(clusterId)),
  };
}
