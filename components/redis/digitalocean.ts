import { DatabaseCluster } from "@pulumi/digitalocean/databaseCluster.js";
import * as pulumi from "@pulumi/pulumi";
import { databaseFirewall } from "../database-firewall.ts";
import { refuseNetwork } from "../network/network.ts";
import type { RedisVendor } from "./vendor.ts";

export interface DigitalOceanRedisOptions {
  /** Slug of the machine. Default: `db-s-1vcpu-1gb`; in production the next, which can have a standby. */
  readonly size?: string;
  /** Machines; each beyond the first is a standby. Default: 2 in production, else 1. */
  readonly nodes?: number;
  /** Slug of the region. Default: the account's. */
  readonly region?: string;
}

/**
 * Valkey managed by DigitalOcean. It has one user, which reaches all keys: an application is kept to
 * its keys by their prefix alone, so what must be kept apart needs a server of its own.
 *
 * @see https://docs.digitalocean.com/products/databases/valkey/
 */
export function digitalOceanRedis(options: DigitalOceanRedisOptions = {}): RedisVendor {
  return {
    name: "digitalocean",
    create(spec, scope, parent, dataOptions) {
      refuseNetwork(spec.logicalName, spec.network);
      const { provider, region } = scope.digitalocean;
      const cluster = new DatabaseCluster(
        spec.logicalName,
        {
          name: spec.serverName,
          engine: "valkey",
          version: spec.version,
          size: options.size ?? (scope.tier === "production" ? "db-s-1vcpu-2gb" : "db-s-1vcpu-1gb"),
          nodeCount: options.nodes ?? (scope.tier === "production" ? 2 : 1),
          region: options.region ?? region,
          evictionPolicy: spec.eviction.replace("-", "_"),
        },
        { ...dataOptions, provider },
      );
      const firewall = databaseFirewall(spec.logicalName, cluster.id, spec.sources, {
        parent,
        provider,
      });
      // Nobody is told the address before the firewall stands.
      const host = pulumi.all([cluster.host, firewall.id]).apply(([name]) => name);
      const login = { username: cluster.user, password: pulumi.secret(cluster.password) };
      return {
        host,
        port: cluster.port,
        logins: Object.fromEntries(spec.applications.map(({ name }) => [name, login])),
        enforced: false,
      };
    },
  };
}
