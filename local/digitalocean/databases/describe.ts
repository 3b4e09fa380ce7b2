import type { VendorContext } from "../../vendor-context.ts";
import { listProjects, resourcesOf } from "../projects/records.ts";
import type { TeamResource } from "../service.ts";
import { offerOf } from "./catalogue.ts";
import {
  ADMIN,
  type Cluster,
  DEFAULT_DATABASE,
  type Pool,
  type User,
  userNamed,
} from "./clusters.ts";
import { urnOf } from "./lifecycle.ts";
import { isUp } from "./servers.ts";
import { wholeSeconds } from "./time.ts";
import { describeRule } from "./trusted-sources.ts";

/** What the vendor shows while it moves a cluster off a node that has failed. */
const NOT_UP = "migrating";

/** How a client reaches a database of the cluster, or one of its pools. */
interface Connection {
  readonly protocol: "postgresql" | "rediss";
  readonly uri: string;
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly ssl: true;
}

/** A cluster as projects and VPCs see it. */
export const asResource = ({ id, name, createdAt, body }: Cluster): TeamResource => ({
  urn: urnOf(id),
  name,
  createdAt,
  vpcId: body.vpcId,
});

export function describeCluster(cloud: VendorContext, cluster: Cluster) {
  const { id, name, createdAt, body } = cluster;
  const { endOfLife, endOfAvailability } = offerOf(body.engine);
  const connection = clusterConnection(cloud, cluster);
  return {
    id,
    name,
    engine: body.engine,
    version: body.version,
    semantic_version: body.semanticVersion,
    num_nodes: body.nodes,
    size: body.size,
    region: body.region,
    status: body.status === "online" && !isUp(cloud, cluster) ? NOT_UP : body.status,
    created_at: wholeSeconds(createdAt),
    private_network_uuid: body.vpcId,
    tags: body.tags,
    db_names: body.engine === "pg" ? body.databases : null,
    connection,
    // On loopback there is one network, which is private already.
    private_connection: connection,
    users: body.users.map((user) => describeUser(cloud, cluster, user)),
    maintenance_window: { ...body.maintenance, pending: false, description: [] },
    storage_size_mib: body.storageMib,
    version_end_of_life: endOfLife,
    version_end_of_availability: endOfAvailability,
    project_id: projectIdOf(cloud, cluster),
    rules: body.rules.map((rule) => describeRule(id, rule)),
    metrics_endpoints: [],
  };
}

export const describeUser = (cloud: VendorContext, { body }: Cluster, user: User) => ({
  name: user.name,
  role: user.name === ADMIN[body.engine] ? "primary" : "normal",
  password: cloud.vault.open(user.password),
  ...(user.replication ? { settings: { pg_allow_replication: true } } : {}),
});

export function describePool(cloud: VendorContext, cluster: Cluster, pool: Pool) {
  const { name, mode, size, db, user } = pool;
  const connection = poolConnection(cloud, cluster, pool);
  return { name, mode, size, db, user, connection, private_connection: connection };
}

function clusterConnection(cloud: VendorContext, cluster: Cluster): Connection {
  const { engine, server } = cluster.body;
  const user = ADMIN[engine];
  const password = cloud.vault.open(userNamed(cluster, user).password);
  if (engine === "pg") return postgresConnection(server, user, password, DEFAULT_DATABASE);
  const { host, port } = server;
  const uri = `rediss://${user}:${password}@${host}:${port}`;
  return { protocol: "rediss", uri, database: "", host, port, user, password, ssl: true };
}

function poolConnection(cloud: VendorContext, cluster: Cluster, pool: Pool): Connection {
  const { pooler } = cluster.body;
  if (pooler === null) throw new Error(`The cluster ${cluster.id} has no place for pools.`);
  const user = pool.user ?? ADMIN.pg;
  const password = cloud.vault.open(userNamed(cluster, user).password);
  return postgresConnection(pooler, user, password, pool.name);
}

function postgresConnection(
  { host, port }: { readonly host: string; readonly port: number },
  user: string,
  password: string,
  database: string,
): Connection {
  const uri = `postgresql://${user}:${password}@${host}:${port}/${database}?sslmode=require`;
  return { protocol: "postgresql", uri, database, host, port, user, password, ssl: true };
}

function projectIdOf(cloud: VendorContext, cluster: Cluster): string | undefined {
  const resource = asResource(cluster);
  return listProjects(cloud, cluster.account).find(
    (project) => resourcesOf(cloud, project, [resource]).length > 0,
  )?.id;
}
