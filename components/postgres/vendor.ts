import type * as pulumi from "@pulumi/pulumi";
import type { PostgresServerArgs } from "../../providers/bulkhead/resources.ts";
import type { Network } from "../network/network.ts";
import type { Scope } from "../scope.ts";

/** Who may reach a database: an address range, or a machine of the same environment. */
export type Source =
  | { readonly cidr: string }
  | { readonly dropletId: pulumi.Input<string | number> };

/** A named pool in front of the server. */
export interface PoolSpec {
  /** The key of its database. */
  readonly database: string;
  readonly user: string;
  /** Connections to the server. */
  readonly size: number;
  /** Default: `transaction`. */
  readonly mode?: "transaction" | "session" | "statement";
}

/** A server in words that every vendor understands. */
export interface PostgresSpec {
  /** Short name within the system, for resources below. */
  readonly name: string;
  readonly logicalName: string;
  readonly serverName: string;
  /** Major version, such as `17`. */
  readonly version: string;
  readonly databases: readonly { readonly key: string; readonly name: string }[];
  readonly users: readonly string[];
  readonly pool: PoolSpec | undefined;
  readonly sources: readonly Source[];
  readonly network: Network | undefined;
}

/** A user that the vendor makes, or whose password the program does. */
export interface VendorUser {
  readonly password: pulumi.Output<string>;
  /** False where the role has still to be made inside the server. */
  readonly exists: boolean;
}

/** What a vendor made of a {@link PostgresSpec}. */
export interface VendorPostgres {
  /** The server as its administrator reaches it, and the authorities that have signed its certificate. */
  readonly server: PostgresServerArgs & { readonly caCertificate: pulumi.Input<string> };
  readonly users: Readonly<Record<string, VendorUser>>;
  /** Whether the vendor has made the databases, or they have still to be made inside the server. */
  readonly databasesExist: boolean;
  /** Where the pool listens, and under which database name; undefined without one. */
  readonly pool:
    | {
        readonly host: pulumi.Output<string>;
        readonly port: pulumi.Output<number>;
        readonly database: pulumi.Output<string>;
      }
    | undefined;
  /** What must be there before the server is used. */
  readonly ready: readonly pulumi.Resource[];
}

/** A vendor of PostgreSQL. One more vendor is one more object of this shape. */
export interface PostgresVendor {
  /** As outputs name it, for example `digitalocean`. */
  readonly name: string;
  /**
   * Declares the server and what belongs to it below `parent`.
   *
   * @param dataOptions options for the resources that hold data.
   * @throws InputError for a field that the vendor does not accept.
   */
  create(
    spec: PostgresSpec,
    scope: Scope,
    parent: pulumi.Resource,
    dataOptions: pulumi.CustomResourceOptions,
  ): VendorPostgres;
}
