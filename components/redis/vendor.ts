import type * as pulumi from "@pulumi/pulumi";
import type { Network } from "../network/network.ts";
import type { Source } from "../postgres/vendor.ts";
import type { Scope } from "../scope.ts";

/** What happens when memory is full. `noeviction` refuses writes: right for queues, wrong for caches. */
export const EVICTIONS = [
  "noeviction",
  "allkeys-lru",
  "allkeys-random",
  "volatile-lru",
  "volatile-random",
  "volatile-ttl",
] as const;
export type Eviction = (typeof EVICTIONS)[number];

/** One application and the keys that are its own. */
export interface ApplicationSpec {
  readonly name: string;
  /** Every key and channel of the application begins so. */
  readonly keyPrefix: string;
}

/** A server in words that every vendor understands. */
export interface RedisSpec {
  /** Short name within the system, for resources below. */
  readonly name: string;
  readonly logicalName: string;
  readonly serverName: string;
  /** Major version of Valkey. */
  readonly version: string;
  readonly eviction: Eviction;
  readonly applications: readonly ApplicationSpec[];
  readonly sources: readonly Source[];
  readonly network: Network | undefined;
}

/** How an application logs in. */
export interface RedisLogin {
  readonly username: pulumi.Output<string>;
  readonly password: pulumi.Output<string>;
}

/** What a vendor made of a {@link RedisSpec}. */
export interface VendorRedis {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly logins: Readonly<Record<string, RedisLogin>>;
  /** Whether the server itself keeps each application to its keys, or only their prefix does. */
  readonly enforced: boolean;
}

/** A vendor of Redis-compatible servers. One more vendor is one more object of this shape. */
export interface RedisVendor {
  /** As outputs name it, for example `digitalocean`. */
  readonly name: string;
  create(
    spec: RedisSpec,
    scope: Scope,
    parent: pulumi.Resource,
    dataOptions: pulumi.CustomResourceOptions,
  ): VendorRedis;
}
