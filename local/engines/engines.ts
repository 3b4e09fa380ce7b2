import type { Client } from "pg";
import type { RedisClientType } from "redis";

/** Where a server listens: on Linux a loopback address of its own with the vendor's port, elsewhere 127.0.0.1 with a free one. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What a server is doing. `failed`: it ended by itself and does not come up again; the log says why. */
export type ServerState = "absent" | "starting" | "running" | "failed";

/** One line of PostgreSQL's client authentication; connections without TLS are always refused. */
export interface AccessRule {
  /** A database's name or `all`. */
  readonly database: string;
  /** A role's name or `all`. */
  readonly user: string;
  /** CIDR. */
  readonly address: string;
  readonly method: "scram-sha-256" | "reject";
}

export interface PostgresSpec {
  /** Folder name, unique in the cloud: lower-case letters, digits, hyphens. */
  readonly id: string;
  readonly endpoint: Endpoint;
  /** Signs the server's certificate, whose names are the endpoint's host and `names`. */
  readonly authority: KeyPair;
  readonly names?: readonly string[];
  /** Shown instead of one that `authority` signs: the certificate that a machine's owner gave it. */
  readonly certificate?: KeyPair;
  /** Addresses besides the endpoint's that it listens at, with the same port. A change restarts the server. */
  readonly addresses?: readonly string[];
  /** The engine's own superuser, for the cloud alone; no client ever gets it. It stays as it was made. */
  readonly superuser: { readonly name: string; readonly password: string };
  /** Lines of postgresql.conf beyond the engine's own. A change restarts the server. */
  readonly settings?: Readonly<Record<string, string>>;
  /** In order, first match wins. A change reloads. */
  readonly access: readonly AccessRule[];
}

/** A named pool: a client connects to database `name` and reaches `database`. */
export interface PoolSpec {
  readonly name: string;
  readonly database: string;
  readonly mode: "transaction" | "session" | "statement";
  readonly size: number;
}

export interface PgBouncerSpec {
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly authority: KeyPair;
  readonly backend: Endpoint;
  /** Roles that may log in, with the SCRAM verifiers that PostgreSQL keeps for them (`pg_authid.rolpassword`). */
  readonly users: readonly { readonly name: string; readonly verifier: string }[];
  readonly pools: readonly PoolSpec[];
  /** As PostgreSQL's; absent lets its users in from everywhere. A change reloads. */
  readonly access?: readonly AccessRule[];
}

export interface ValkeySpec {
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly authority: KeyPair;
  readonly names?: readonly string[];
  /** ACL users. Each rule list is as in `ACL SETUSER`, without the password; `default` is off unless listed. */
  readonly users: readonly {
    readonly name: string;
    readonly password: string;
    readonly rules: readonly string[];
  }[];
  /** Lines of the configuration beyond the engine's own, e.g. `maxmemory-policy`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Real servers on loopback, each with a data folder, a certificate and a process of its own. `ensure`
 * makes what is absent, starts what is stopped and applies what has changed; it may be called again at
 * any time and resolves when the server answers. A process that ends is started again. Data survives
 * `kill -9` of a server and of the cloud.
 */
export interface Servers<Spec> {
  ensure(spec: Spec): Promise<void>;
  state(id: string): ServerState;
  /** Process id while it runs, for measurements and fault tests. */
  pid(id: string): number | undefined;
  stop(id: string): Promise<void>;
  /** Stops it and deletes its data. */
  remove(id: string): Promise<void>;
}

export interface PostgresServers extends Servers<PostgresSpec> {
  /** Runs `work` as the superuser on one database. */
  as<R>(spec: PostgresSpec, database: string, work: (client: Client) => Promise<R>): Promise<R>;
  /** Makes `target` with a copy of `source`'s data, as of now; `source` keeps running. */
  clone(source: PostgresSpec, target: PostgresSpec): Promise<void>;
}

export interface ValkeyServers extends Servers<ValkeySpec> {
  /** Runs `work` on the server with all rights. */
  as<R>(spec: ValkeySpec, work: (client: RedisClientType) => Promise<R>): Promise<R>;
}

export interface Engines {
  readonly postgres: PostgresServers;
  readonly pgbouncer: Servers<PgBouncerSpec>;
  readonly valkey: ValkeyServers;
  /** A new certificate authority; an account has one. */
  authority(commonName: string): Promise<KeyPair>;
  /** An endpoint that nothing else has, with these ports of the vendor's where the system allows; one address for all of them. */
  endpoints<const Ports extends readonly number[]>(
    ports: Ports,
  ): Promise<{ readonly [K in keyof Ports]: Endpoint }>;
  /** Keeps an endpoint, which a server was given by an earlier cloud, from being given to another. */
  claim(endpoint: Endpoint): void;
  /** PostgreSQL's full version, `17.10`, and the Redis-compatible engine's, e.g. `{ name: "redis", version: "7.0.15" }`. */
  versions(): Promise<{
    readonly postgres: string;
    readonly valkey: { readonly name: "valkey" | "redis"; readonly version: string };
  }>;
  /** Whether `dispose` was called: what fails from then on fails because of that. */
  readonly isDisposed: boolean;
  /** Ends every server and everything that is under way, at once; data stays. */
  dispose(): Promise<void>;
}
