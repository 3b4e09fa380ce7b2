import * as pulumi from "@pulumi/pulumi";
import { isReservedName } from "../../providers/bulkhead/postgres/reserved.ts";
import { PostgresDatabase, type PostgresRoleArgs } from "../../providers/bulkhead/resources.ts";
import { InputError } from "../input-error.ts";
import { type NameRule, validName } from "../naming.ts";
import type { Network } from "../network/network.ts";
import type { Scope } from "../scope.ts";
import { type PostgresClient, postgresUrl, type UrlOptions } from "./connection-url.ts";
import type { PoolSpec, PostgresVendor, Source, VendorPostgres } from "./vendor.ts";

/** One database on the server. */
export interface DatabaseSpec {
  /** Name on the server. Default: the key under which it is declared. A change replaces it. */
  readonly name?: string;
  /** Default: `public` alone. Schemas stay when they are no longer listed. */
  readonly schemas?: readonly string[];
  /** Default: none. */
  readonly extensions?: readonly string[];
}

/** One application's login. */
export interface UserSpec {
  /** The key of its database. */
  readonly database: string;
  /** What it may do in the database's schemas. Default: `readwrite`. */
  readonly privileges?: PostgresRoleArgs["privileges"];
  /** Connections that it may have at a time, its pool's included: the server refuses more. Default: no limit. */
  readonly connectionLimit?: number;
}

export interface PostgresArgs {
  /** The system and environment that own the server. */
  readonly scope: Scope;
  readonly vendor: PostgresVendor;
  /** Name at the vendor. Default: `<system>-<name>-<environment>`. A change replaces the server. */
  readonly serverName?: string;
  /** Major version. Default: {@link DEFAULT_VERSION}. */
  readonly version?: string;
  /** By a key that is the same in every environment, whatever their databases are called. */
  readonly databases: Readonly<Record<string, DatabaseSpec>>;
  readonly users: Readonly<Record<string, UserSpec>>;
  /** A pool in front of the server, where the vendor has such. Default: none. */
  readonly pool?: PoolSpec;
  /** Who may reach it, besides the operators. */
  readonly sources: readonly Source[];
  /** Where the vendor is AWS, which needs one. */
  readonly network?: Network;
}

/** How one user reaches their database; the password and every URL are Pulumi secrets. */
export interface PostgresConnection {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly database: pulumi.Output<string>;
  readonly user: string;
  readonly password: pulumi.Output<string>;
  /** PEM of the authorities to trust. */
  readonly caCertificate: pulumi.Output<string>;
  readonly sslMode: "require" | "verify-ca" | "verify-full";
  /** Straight to the server: for migrations, LISTEN and long transactions. */
  directUrl(client: PostgresClient): pulumi.Output<string>;
  /** Through the pool. @throws InputError for a user without one. */
  pooledUrl(client: PostgresClient): pulumi.Output<string>;
}

/** What outputs say of a server. Nothing here is secret. */
export interface PostgresState {
  readonly vendor: string;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly databases: Readonly<Record<string, { readonly schemas: readonly string[] }>>;
  readonly users: readonly string[];
  /** PEM of the authorities that sign the server's certificate, for `sslmode=verify-full`. */
  readonly caCertificate: string;
  /** Port of the pool; absent without one. */
  readonly pooledPort?: number | undefined;
}

/** The newest that both vendors offer. */
export const DEFAULT_VERSION = "17";

/** Unquoted identifiers: what every client and every vendor takes. */
const IDENTIFIER: NameRule = {
  thing: "PostgreSQL name",
  pattern: /^[a-z_][a-z0-9_]*$/,
  maxLength: 63,
  allows: "lower-case letters, digits and underscores, beginning with a letter",
};

/** @see https://docs.digitalocean.com/products/databases/postgresql/ ; RDS takes one character less. */
const SERVER_NAME: NameRule = {
  thing: "PostgreSQL server",
  pattern: /^[a-z](-?[a-z0-9])*$/,
  maxLength: 62,
  allows: "lower-case letters, digits and single hyphens, beginning with a letter",
};

/**
 * A PostgreSQL server with its databases, and one user an application with no more rights than it
 * needs: nobody else may connect, and the administrator's password reaches no application.
 *
 * @example
 * const primary = new Postgres("primary", {
 *   scope,
 *   vendor: digitalOceanPostgres(),
 *   databases: { primary: { name: "handled_primary", schemas: ["config", "customer"] } },
 *   users: { handled_user: { database: "primary", connectionLimit: 15 } },
 *   pool: { database: "primary", user: "handled_user", size: 15 },
 *   sources: [{ dropletId: vps.id }],
 * });
 * primary.connection("handled_user").pooledUrl("prisma");
 */
export class Postgres extends pulumi.ComponentResource {
  readonly state: pulumi.Output<PostgresState>;
  /**
   * PEM of the authorities that sign the server's certificate, not secret: the file that `sslrootcert`
   * names for `sslmode=verify-full` (`verify-ca` at a server of one's own, whose certificate has its name and not
   * its address).
   */
  readonly caCertificate: pulumi.Output<string>;
  private readonly args: PostgresArgs;
  private readonly made: VendorPostgres;
  private readonly layouts: Readonly<Record<string, PostgresDatabase>>;

  constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    const { scope, vendor, databases, users } = args;
    const logicalName = scope.logicalName(name);
    super("bulkhead:index:Postgres", logicalName, {}, scope.componentOptions(opts));
    assertNames(args);
    this.args = args;
    const dataOptions = scope.dataOptions(this, opts);
    const version = args.version ?? DEFAULT_VERSION;
    this.made = vendor.create(
      {
        name,
        logicalName,
        serverName: validName(
          SERVER_NAME,
          "serverName",
          args.serverName ?? scope.physicalName(name),
        ),
        version,
        databases: Object.entries(databases).map(([key, { name = key }]) => ({ key, name })),
        users: Object.keys(users),
        pool: args.pool,
        sources: [...args.sources, ...scope.operatorAddresses.map((cidr) => ({ cidr }))],
        network: args.network,
      },
      scope,
      this,
      dataOptions,
    );
    this.caCertificate = pulumi.unsecret(pulumi.output(this.made.server.caCertificate));
    this.layouts = Object.fromEntries(
      Object.entries(databases).map(([key, spec]) => [
        key,
        new PostgresDatabase(
          `${logicalName}-${key}`,
          {
            server: this.made.server,
            name: spec.name ?? key,
            create: !this.made.databasesExist,
            schemas: spec.schemas ?? [],
            extensions: spec.extensions ?? [],
            roles: this.rolesOf(key),
          },
          {
            ...dataOptions,
            // Grants hold no data; a database that is made here does.
            ...(this.made.databasesExist ? { protect: false } : {}),
            dependsOn: [...this.made.ready],
          },
        ),
      ]),
    );
    this.state = this.describe(version);
    this.registerOutputs({ state: this.state });
  }

  /** How an application reaches its database. Known once the user may really log in. */
  connection(user: string): PostgresConnection {
    const spec = this.args.users[user];
    const vendorUser = this.made.users[user];
    if (spec === undefined || vendorUser === undefined) {
      throw new InputError(
        `users has no "${user}" (${Object.keys(this.args.users).join(", ")}). Declare it under users.`,
      );
    }
    const { server, pool } = this.made;
    // The layout resolves when the grants are there.
    const database = this.databaseName(spec.database);
    const host = pulumi.output(server.host);
    const port = pulumi.output(server.port);
    const { password } = vendorUser;
    const url = (
      client: PostgresClient,
      at: {
        host: pulumi.Output<string>;
        port: pulumi.Output<number>;
        database: pulumi.Output<string>;
      },
      options: UrlOptions,
    ) =>
      pulumi.secret(
        pulumi
          .all([at.host, at.port, at.database, password, database])
          .apply(([host, port, database, password]) =>
            postgresUrl({ host, port, database, user, password }, client, options),
          ),
      );
    const limit =
      spec.connectionLimit === undefined ? {} : { connectionLimit: spec.connectionLimit };
    return {
      host,
      port,
      database,
      user,
      password,
      caCertificate: this.caCertificate,
      sslMode: server.sslMode,
      directUrl: (client) => url(client, { host, port, database }, limit),
      pooledUrl: (client) => {
        if (pool === undefined || this.args.pool?.user !== user) {
          throw new InputError(
            `The user "${user}" has no pool. Declare one for it under pool, or use directUrl.`,
          );
        }
        return url(client, pool, { ...limit, pooled: this.args.pool.mode !== "session" });
      },
    };
  }

  private databaseName(key: string): pulumi.Output<string> {
    const layout = this.layouts[key];
    if (layout === undefined) throw new InputError(`databases has no "${key}". Declare it there.`);
    return layout.name;
  }

  private rolesOf(database: string): PostgresRoleArgs[] {
    return Object.entries(this.args.users)
      .filter(([, spec]) => spec.database === database)
      .map(([name, { privileges = "readwrite", connectionLimit }]) => {
        const user = this.made.users[name];
        const own = user === undefined || user.exists ? {} : { password: user.password };
        return { name, privileges, connectionLimit, ...own };
      });
  }

  private describe(version: string): pulumi.Output<PostgresState> {
    const { server, pool } = this.made;
    return pulumi
      .all([server.host, server.port, this.caCertificate, pool?.port])
      .apply(([host, port, caCertificate, pooledPort]) => ({
        vendor: this.args.vendor.name,
        host,
        port,
        version,
        databases: Object.fromEntries(
          Object.entries(this.args.databases).map(([database, { schemas }]) => [
            database,
            { schemas: schemas ?? ["public"] },
          ]),
        ),
        users: Object.keys(this.args.users),
        caCertificate,
        ...(pooledPort === undefined ? {} : { pooledPort }),
      }));
  }
}

function assertNames({ databases, users, pool }: PostgresArgs): void {
  for (const [key, { name = key, schemas = [] }] of Object.entries(databases)) {
    assertOwn(`databases.${key}.name`, validName(IDENTIFIER, `databases.${key}.name`, name));
    for (const schema of schemas) validName(IDENTIFIER, `databases.${key}.schemas`, schema);
  }
  for (const [user, { database, connectionLimit = 1 }] of Object.entries(users)) {
    assertOwn("users", validName(IDENTIFIER, "users", user));
    if (!Number.isInteger(connectionLimit) || connectionLimit < 1)
      throw new InputError(
        `users.${user}.connectionLimit is ${connectionLimit}, and must be a whole number of at least 1. ` +
          "Leave it out for no limit.",
      );
    assertKnown(`users.${user}.database`, database, databases);
  }
  if (pool === undefined) return;
  assertKnown("pool.database", pool.database, databases);
  assertKnown("pool.user", pool.user, users);
  const limit = users[pool.user]?.connectionLimit;
  if (limit !== undefined && limit < pool.size)
    throw new InputError(
      `pool.size is ${pool.size}, and users.${pool.user}.connectionLimit lets its user have ${limit} connections. ` +
        "Make the pool smaller, or the limit greater.",
    );
}

function assertOwn(field: string, name: string): void {
  if (!isReservedName(name)) return;
  throw new InputError(
    `${field} "${name}" is a name that PostgreSQL or a vendor keeps for itself. Choose another name.`,
  );
}

function assertKnown(field: string, name: string, among: Readonly<Record<string, unknown>>): void {
  if (Object.hasOwn(among, name)) return;
  throw new InputError(
    `${field} is "${name}", which is not declared (${Object.keys(among).join(", ") || "nothing is"}). ` +
      "Declare it, or correct the name.",
  );
}
