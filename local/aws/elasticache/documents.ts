import type { Endpoint } from "../../engines/engines.ts";
import type { Collection, Document } from "../../store/document-store.ts";
import type { Sealed } from "../../store/vault.ts";
import { arnOf, type Caller } from "../caller.ts";
import type { Placement } from "../ec2/placement.ts";
import { notFound } from "../protocol/errors.ts";
import type { Tags } from "../tags.ts";
import type { Engine } from "./catalog.ts";

export type GroupStatus = "creating" | "available" | "modifying" | "deleting";

/** The document's name is the replication group's id. */
export interface ReplicationGroupBody {
  readonly status: GroupStatus;
  /** Told in the status's place while the server cannot be brought to where it should be. */
  readonly trouble?: "create-failed";
  /** The server's folder. */
  readonly serverId: string;
  /** Given once, at the beginning of the creation. */
  readonly endpoint?: Endpoint;
  readonly description: string;
  readonly engine: Engine;
  readonly engineVersion: string;
  readonly nodeType: string;
  /** How many nodes are told of; one server stands for them all. */
  readonly clusters: number;
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
  readonly atRestEncryption: boolean;
  readonly autoMinorVersionUpgrade: boolean;
  readonly maintenanceWindow: string;
  readonly snapshotWindow: string;
  readonly snapshotRetention: number;
  readonly port: number;
  readonly zones: readonly string[];
  readonly subnetGroup: string;
  readonly securityGroupIds: readonly string[];
  readonly parameterGroup: string;
  /** Passwords of the user `default`, the newest first; two while one is rotated. */
  readonly authTokens: readonly Sealed[];
  readonly userGroupId?: string;
  readonly tags: Tags;
}

/** The document's name is the user's id. */
export interface UserBody {
  readonly userName: string;
  readonly engine: Engine;
  readonly accessString: string;
  /** At most two; a user without any is let in nowhere. */
  readonly passwords: readonly Sealed[];
  /** The replication groups, by their documents' ids, whose servers do not know the user as it is yet. */
  readonly pendingIn: readonly string[];
  readonly tags: Tags;
}

/** The document's name is the user group's id. */
export interface UserGroupBody {
  readonly engine: Engine;
  readonly userIds: readonly string[];
  readonly pendingIn: readonly string[];
  readonly tags: Tags;
}

/** The document's name is the group's. */
export interface SubnetGroupBody extends Placement {
  readonly description: string;
  readonly tags: Tags;
}

/** The document's name is the group's. */
export interface ParameterGroupBody {
  readonly family: string;
  readonly description: string;
  readonly values: Readonly<Record<string, string>>;
  readonly tags: Tags;
}

interface Bodies {
  readonly replicationgroup: ReplicationGroupBody;
  readonly user: UserBody;
  readonly usergroup: UserGroupBody;
  readonly subnetgroup: SubnetGroupBody;
  readonly parametergroup: ParameterGroupBody;
}

/** What ElastiCache keeps, as ARNs name it. */
export type Kind = keyof Bodies;

export type ReplicationGroup = Document<ReplicationGroupBody>;
export type User = Document<UserBody>;
export type UserGroup = Document<UserGroupBody>;
export type SubnetGroup = Document<SubnetGroupBody>;
export type ParameterGroup = Document<ParameterGroupBody>;

/** The kinds in the store, with the vendor's refusals of a name that there is not. */
export const KINDS = {
  replicationgroup: {
    kind: "elasticache-replication-group",
    notFound: "ReplicationGroupNotFoundFault",
    label: "ReplicationGroup",
  },
  user: { kind: "elasticache-user", notFound: "UserNotFound", label: "User" },
  usergroup: {
    kind: "elasticache-user-group",
    notFound: "UserGroupNotFound",
    label: "User Group",
  },
  subnetgroup: {
    kind: "elasticache-subnet-group",
    notFound: "CacheSubnetGroupNotFoundFault",
    label: "Cache Subnet Group",
  },
  parametergroup: {
    kind: "elasticache-parameter-group",
    notFound: "CacheParameterGroupNotFound",
    label: "CacheParameterGroup",
  },
} as const;

export const collectionOf = <K extends Kind>(
  { cloud }: Pick<Caller, "cloud">,
  kind: K,
): Collection<Bodies[K]> => cloud.store.collection<Bodies[K]>(KINDS[kind].kind);

/** The resource of this name, in any case. */
export function find<K extends Kind>(caller: Caller, kind: K, name: string): Document<Bodies[K]> {
  const found = collectionOf(caller, kind).byName(caller.scope, name.toLowerCase());
  if (found !== undefined) return found;
  throw notFound(KINDS[kind].notFound, `${KINDS[kind].label} ${name} not found.`);
}

export const cacheArn = (caller: Caller, kind: Kind, name: string): string =>
  arnOf(caller, "elasticache", `${kind}:${name}`);
