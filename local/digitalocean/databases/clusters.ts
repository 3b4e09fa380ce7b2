import type { Endpoint } from "../../engines/engines.ts";
import type { Document } from "../../store/document-store.ts";
import type { Sealed } from "../../store/vault.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { ApiError, conflict, unprocessable } from "../envelope.ts";
import type { EngineSlug } from "./catalogue.ts";
import type { Rule } from "./trusted-sources.ts";

/** The administrator that the vendor makes in each cluster, and the database that it owns. */
export const ADMIN: Readonly<Record<EngineSlug, string>> = { pg: "doadmin", valkey: "default" };
export const DEFAULT_DATABASE = "defaultdb";

export interface User {
  readonly name: string;
  readonly password: Sealed;
  /** PostgreSQL: what the server keeps of the password. */
  readonly verifier: Sealed;
  /** Whether the role may replicate. */
  readonly replication: boolean;
}

export interface Pool {
  readonly name: string;
  readonly mode: "transaction" | "session" | "statement";
  readonly size: number;
  readonly db: string;
  /** Null: whoever connects is who works in the database. */
  readonly user: string | null;
}

/** A copy of the cluster's data in the folder of a server that does not run. */
export interface Backup {
  readonly serverId: string;
  /** ISO 8601, UTC, whole seconds. */
  readonly createdAt: string;
  readonly sizeGigabytes: number;
  /** What the copy holds, by name. */
  readonly users: readonly string[];
  readonly databases: readonly string[];
}

/** Where the data of a new cluster comes from: a cluster as it is now, or one of its backups. */
export interface Origin {
  readonly clusterId: string;
  readonly backupServerId: string | null;
}

/** A change of the server that may be done again: it was written down before it was begun. */
export interface Step {
  readonly kind: "role" | "drop-role" | "database" | "drop-database";
  readonly name: string;
}

export interface Event {
  readonly id: string;
  readonly type: "cluster_create" | "cluster_update" | "cluster_maintenance_perform";
  readonly time: string;
}

/** `deleting` clusters are gone for the API, and keep their name until their servers are gone as well. */
type Status = "creating" | "forking" | "resizing" | "online" | "deleting";

export interface ClusterBody {
  readonly engine: EngineSlug;
  readonly version: string;
  readonly semanticVersion: string;
  readonly region: string;
  readonly size: string;
  readonly nodes: number;
  readonly storageMib: number;
  readonly status: Status;
  /** Present until the data is copied. */
  readonly origin: Origin | null;
  readonly vpcId: string;
  readonly tags: readonly string[];
  readonly server: Endpoint;
  /** Valkey: where the server is while it has trusted sources, behind a gate in the place of `server`. */
  readonly inner: Endpoint | null;
  /** PostgreSQL: where its pools are. */
  readonly pooler: Endpoint | null;
  /** PostgreSQL: password of the engine's superuser. */
  readonly superuser: Sealed;
  /** The administrator first. */
  readonly users: readonly User[];
  readonly databases: readonly string[];
  readonly pools: readonly Pool[];
  readonly rules: readonly Rule[];
  /** Settings that were changed, by the vendor's names. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly maintenance: { readonly day: string; readonly hour: string };
  /** Oldest first. */
  readonly backups: readonly Backup[];
  /** Backups' servers that are to be removed: expired ones, and one that is being made. */
  readonly discarded: readonly string[];
  readonly events: readonly Event[];
  /** Written down and perhaps not done yet. */
  readonly pending: readonly Step[];
}

export type Cluster = Document<ClusterBody>;

export const clustersOf = ({ store }: VendorContext) =>
  store.collection<ClusterBody>("do-database-cluster");

/** Those that the API shows. */
export const listClusters = (cloud: VendorContext, accountId: string): Cluster[] =>
  clustersOf(cloud)
    .list(accountId)
    .filter(({ body }) => body.status !== "deleting");

/** The team's cluster; one of another team is not found either. */
export function requireCluster(cloud: VendorContext, accountId: string, id: string): Cluster {
  const cluster = clustersOf(cloud).get(accountId, id);
  if (cluster === undefined || cluster.body.status === "deleting") {
    throw new ApiError(404, "not_found", "cluster not found");
  }
  return cluster;
}

export function requireOnline(cloud: VendorContext, accountId: string, id: string): Cluster {
  const cluster = requireCluster(cloud, accountId, id);
  const { status } = cluster.body;
  if (status !== "online") {
    throw conflict(`The cluster is not ready: it is ${status}. Try again once it is online.`);
  }
  return cluster;
}

export function requireKind(cluster: Cluster, engine: EngineSlug): Cluster {
  if (cluster.body.engine !== engine) {
    throw unprocessable("operation is not supported for this cluster type");
  }
  return cluster;
}

/** Writes `change` into the cluster's document as it is now. */
export function writeCluster(
  cloud: VendorContext,
  { account, id }: Pick<Cluster, "account" | "id">,
  change: Partial<ClusterBody>,
): Cluster {
  const clusters = clustersOf(cloud);
  const present = clusters.get(account, id);
  if (present === undefined) throw new Error(`There is no database cluster ${id}.`);
  return clusters.update(account, id, { body: { ...present.body, ...change } });
}

export function userNamed({ body }: Cluster, name: string): User {
  const user = body.users.find((each) => each.name === name);
  if (user === undefined) throw new ApiError(404, "not_found", "user not found");
  return user;
}
