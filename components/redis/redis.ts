import * as pulumi from "@pulumi/pulumi";
import { InputError } from "../input-error.ts";
import { type NameRule, validName } from "../naming.ts";
import type { Network } from "../network/network.ts";
import type { Source } from "../postgres/vendor.ts";
import type { Scope } from "../scope.ts";
import { EVICTIONS, type Eviction, type RedisVendor, type VendorRedis } from "./vendor.ts";

export interface RedisArgs {
  /** The system and environment that own the server. */
  readonly scope: Scope;
  readonly vendor: RedisVendor;
  /** Name at the vendor. Default: `<system>-<name>-<environment>`. A change replaces the server. */
  readonly serverName?: string;
  /** Major version of Valkey. Default: {@link DEFAULT_VALKEY_VERSION}. */
  readonly version?: string;
  /** Default: `noeviction`, since most servers hold queues or sessions beside what may be forgotten. */
  readonly eviction?: Eviction;
  /** Names of the applications that use it; each gets keys of its own. */
  readonly applications: readonly string[];
  /** Who may reach it, besides the operators. */
  readonly sources: readonly Source[];
  /** Where the vendor is AWS, which needs one. */
  readonly network?: Network;
}

/** How one application reaches its keys; the password and the URL are Pulumi secrets. */
export interface RedisConnection {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly username: pulumi.Output<string>;
  readonly password: pulumi.Output<string>;
  /** `rediss://…`: TLS, with the server's certificate verified. */
  readonly url: pulumi.Output<string>;
  /** `<system>:<environment>:<application>:`; every key begins so (A9-A10). */
  readonly keyPrefix: string;
}

/** What outputs say of a server. Nothing here is secret. */
export interface RedisState {
  readonly vendor: string;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly eviction: Eviction;
  /** Key prefix of each application. */
  readonly applications: Readonly<Record<string, string>>;
  /** Whether the server itself refuses an application others' keys. */
  readonly enforced: boolean;
}

/** What both vendors offer. */
export const DEFAULT_VALKEY_VERSION = "8";

/** ElastiCache's rule, the narrower of the two. */
const SERVER_NAME: NameRule = {
  thing: "Redis server",
  pattern: /^[a-z](-?[a-z0-9])*$/,
  maxLength: 40,
  allows: "lower-case letters, digits and single hyphens, beginning with a letter",
};

const APPLICATION: NameRule = {
  thing: "Redis application",
  pattern: /^[a-z](-?[a-z0-9])*$/,
  maxLength: 20,
  allows: "lower-case letters, digits and single hyphens, beginning with a letter",
};

/**
 * A Redis-compatible server (Valkey), over TLS only. Each application has a namespace of keys that
 * carries system and environment, and, where the vendor has users, one that reaches no other keys.
 *
 * @example
 * const cache = new Redis("cache", { scope, vendor: digitalOceanRedis(), applications: ["api"], sources });
 * cache.connection("api").url; // a Pulumi secret
 */
export class Redis extends pulumi.ComponentResource {
  readonly state: pulumi.Output<RedisState>;
  private readonly prefixes: Readonly<Record<string, string>>;
  private readonly made: VendorRedis;

  constructor(name: string, args: RedisArgs, opts?: pulumi.ComponentResourceOptions) {
    const { scope, vendor, eviction = "noeviction", version = DEFAULT_VALKEY_VERSION } = args;
    const logicalName = scope.logicalName(name);
    super("bulkhead:index:Redis", logicalName, {}, scope.componentOptions(opts));
    if (!EVICTIONS.includes(eviction)) {
      throw new InputError(`eviction "${eviction}" is unknown. Use ${EVICTIONS.join(", ")}.`);
    }
    this.prefixes = Object.fromEntries(
      args.applications.map((application) => [
        validName(APPLICATION, "applications", application),
        keyPrefix(scope, application),
      ]),
    );
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
        eviction,
        applications: Object.entries(this.prefixes).map(([application, prefix]) => ({
          name: application,
          keyPrefix: prefix,
        })),
        sources: [...args.sources, ...scope.operatorAddresses.map((cidr) => ({ cidr }))],
        network: args.network,
      },
      scope,
      this,
      scope.dataOptions(this, opts),
    );
    const { host, port, enforced } = this.made;
    this.state = pulumi.all([host, port]).apply(
      ([host, port]): RedisState => ({
        vendor: vendor.name,
        host,
        port,
        version,
        eviction,
        applications: this.prefixes,
        enforced,
      }),
    );
    this.registerOutputs({ state: this.state });
  }

  /** How an application reaches its keys. @throws InputError for one that is not declared. */
  connection(application: string): RedisConnection {
    const prefix = this.prefixes[application];
    const login = this.made.logins[application];
    if (prefix === undefined || login === undefined) {
      throw new InputError(
        `applications has no "${application}" (${Object.keys(this.prefixes).join(", ")}). Declare it there.`,
      );
    }
    const { host, port } = this.made;
    const url = pulumi
      .all([host, port, login.username, login.password])
      .apply(
        ([host, port, username, password]) =>
          `rediss://${encodeURIComponent(username)}:${encodeURIComponent(password)}@${host}:${port}/0`,
      );
    return { host, port, ...login, url: pulumi.secret(url), keyPrefix: prefix };
  }
}

/** The namespace of one application's keys: it tells environments apart even in a dump. */
export function keyPrefix(
  { system, environment }: Pick<Scope, "system" | "environment">,
  application: string,
): string {
  return `${system}:${environment}:${application}:`;
}
