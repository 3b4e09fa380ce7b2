import { randomBytes } from "node:crypto";
import type { Endpoint } from "../../engines/engines.ts";
import type { Collection, Document } from "../../store/document-store.ts";
import type { Sealed } from "../../store/vault.ts";
import { arnOf, type Caller } from "../caller.ts";
import type { Placement } from "../ec2/placement.ts";
import { notFound } from "../protocol/errors.ts";
import type { Tags } from "../tags.ts";

/** What an instance is doing. */
export type InstanceStatus =
  | "creating"
  | "backing-up"
  | "available"
  | "modifying"
  | "rebooting"
  | "stopping"
  | "stopped"
  | "starting"
  | "deleting";

/** What is only kept and told: one server of this machine has no such properties. */
export interface Hardware {
  readonly instanceClass: string;
  /** GiB */
  readonly allocatedStorage: number;
  readonly maxAllocatedStorage: number | undefined;
  readonly storageType: string;
  readonly iops: number | undefined;
  readonly storageThroughput: number | undefined;
  readonly multiAz: boolean;
  readonly backupRetention: number;
}

export interface Arrangements {
  readonly backupWindow: string;
  readonly maintenanceWindow: string;
  readonly autoMinorVersionUpgrade: boolean;
  readonly copyTagsToSnapshot: boolean;
  readonly deletionProtection: boolean;
  readonly publiclyAccessible: boolean;
  readonly certificateAuthority: string;
}

/** Parameters as the server has them: static ones since it was started, dynamic ones since they were set. */
export interface AppliedParameters {
  readonly static: Readonly<Record<string, string>>;
  readonly dynamic: Readonly<Record<string, string>>;
  /** Whether the group has more to say at the next reboot. */
  readonly isPendingReboot: boolean;
}

/** The document's name is the instance's identifier. */
export interface InstanceBody extends Hardware, Arrangements {
  readonly status: InstanceStatus;
  /** Told in the status's place while the server cannot be brought to where it should be. */
  readonly trouble?: "failed" | "incompatible-parameters";
  /** `db-` and 26 letters and digits. */
  readonly resourceId: string;
  /** The server's folder. */
  readonly serverId: string;
  /** Given once, at the beginning of the creation. */
  readonly endpoint?: Endpoint;
  readonly superuserPassword: Sealed;
  readonly masterUsername: string;
  /** What PostgreSQL is to keep of the master's new password, until it does. */
  readonly newVerifier?: Sealed;
  readonly engineVersion: string;
  readonly storageEncrypted: boolean;
  readonly port: number;
  readonly dbName?: string;
  readonly zone: string;
  readonly subnetGroup: string;
  readonly vpcId: string;
  readonly securityGroupIds: readonly string[];
  readonly parameterGroup: string;
  readonly parameters: AppliedParameters;
  /** Asked for without ApplyImmediately. */
  readonly pending: Partial<Hardware>;
  /** The snapshot, by its document's id, whose data the instance begins with. */
  readonly restoredFrom?: string;
  readonly tags: Tags;
}

/** The document's name is the snapshot's identifier. */
export interface SnapshotBody {
  readonly status: "creating" | "available" | "deleting";
  readonly isAutomated: boolean;
  readonly serverId: string;
  readonly endpoint?: Endpoint;
  readonly superuserPassword: Sealed;
  /** The instance as it was. */
  readonly instance: {
    readonly identifier: string;
    readonly resourceId: string;
    readonly createdAt: string;
    readonly masterUsername: string;
    readonly engineVersion: string;
    readonly storageEncrypted: boolean;
    readonly port: number;
    readonly dbName?: string;
    readonly zone: string;
    readonly vpcId: string;
  } & Hardware;
  readonly tags: Tags;
}

/** The document's name is the group's. */
export interface SubnetGroupBody extends Placement {
  readonly description: string;
  readonly tags: Tags;
}

/** When a changed parameter is to take effect. */
export type ApplyMethod = "immediate" | "pending-reboot";

/** The document's name is the group's. */
export interface ParameterGroupBody {
  readonly family: string;
  readonly description: string;
  readonly values: Readonly<
    Record<string, { readonly value: string; readonly method: ApplyMethod }>
  >;
  readonly tags: Tags;
}

interface Bodies {
  readonly db: InstanceBody;
  readonly snapshot: SnapshotBody;
  readonly subgrp: SubnetGroupBody;
  readonly pg: ParameterGroupBody;
}

/** What RDS keeps, as ARNs name it. */
export type Kind = keyof Bodies;

export type Instance = Document<InstanceBody>;
export type Snapshot = Document<SnapshotBody>;
export type SubnetGroup = Document<SubnetGroupBody>;
export type ParameterGroup = Document<ParameterGroupBody>;

/** The kinds in the store, with the vendor's refusals of a name that there is not. */
export const KINDS = {
  db: { kind: "rds-instance", notFound: "DBInstanceNotFound", label: "DBInstance" },
  snapshot: { kind: "rds-snapshot", notFound: "DBSnapshotNotFound", label: "DBSnapshot" },
  subgrp: {
    kind: "rds-subnet-group",
    notFound: "DBSubnetGroupNotFoundFault",
    label: "DB subnet group",
  },
  pg: {
    kind: "rds-parameter-group",
    notFound: "DBParameterGroupNotFound",
    label: "DBParameterGroup",
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

export const rdsArn = (caller: Caller, kind: Kind, name: string): string =>
  arnOf(caller, "rds", `${kind}:${name}`);

/** `db-` and 26 of the vendor's letters and digits. */
export const newResourceId = (): string =>
  `db-${[...randomBytes(26)].map((byte) => LETTERS[byte % 32]).join("")}`;

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
