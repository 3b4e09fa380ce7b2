import { DatabaseCluster } from "@pulumi/digitalocean/databaseCluster.js";
import { DatabaseConnectionPool } from "@pulumi/digitalocean/databaseConnectionPool.js";
import { DatabaseDb } from "@pulumi/digitalocean/databaseDb.js";
import { DatabaseUser } from "@pulumi/digitalocean/databaseUser.js";
import { getDatabaseCaOutput } from "@pulumi/digitalocean/getDatabaseCa.js";
import * as pulumi from "@pulumi/pulumi";
import { databaseFirewall } from "../database-firewall.ts";
import { refuseNetwork } from "../network/network.ts";
import type { PoolSpec, PostgresSpec, PostgresVendor } from "./vendor.ts";

export interface DigitalOceanPostgresOptions {
  /** Slug of the machine. Default: `db-s-1vcpu-1gb`, which takes 22 connections; in production the next, which can have a standby. */
  readonly size?: string;
  /** Machines; each beyond the first is a standby. Default: 2 in production, else 1. */
  readonly nodes?: number;
  /** Slug of the region. Default: the account's. */
  readonly region?: string;
}

/** PostgreSQL managed by DigitalOcean. @see https://docs.digitalocean.com/products/databases/postgresql/ */
export function digitalOceanPostgres(options: DigitalOceanPostgresOptions = {}): PostgresVendor {
  return {
    name: "digitalocean",
    create(spec, scope, parent, dataOptions) {
      refuseNetwork(spec.logicalName, spec.network);
      const { provider, region } = scope.digitalocean;
      const child = { parent, provider };
      const data = { ...dataOptions, provider };
      const cluster = new DatabaseCluster(
        spec.logicalName,
        {
          name: spec.serverName,
          engine: "pg",
          version: spec.version,
          size: options.size ?? (scope.tier === "production" ? "db-s-1vcpu-2gb" : "db-s-1vcpu-1gb"),
          nodeCount: options.nodes ?? (scope.tier === "production" ? 2 : 1),
          region: options.region ?? region,
        },
        data,
      );
      const firewall = databaseFirewall(spec.logicalName, cluster.id, spec.sources, child);
      const clusterId = cluster.id;
      const databases = spec.databases.map(
        ({ key, name }) => new DatabaseDb(`${spec.logicalName}-${key}`, { clusterId, name }, data),
      );
      const users = spec.users.map(
        (name) =>
          [
            name,
            new DatabaseUser(`${spec.logicalName}-${name}`, { clusterId, name }, child),
          ] as const,
      );
      const { pool } = spec;
      const made =
        pool &&
        new DatabaseConnectionPool(
          spec.logicalName,
          {
            clusterId,
            // The pool's name is the database that clients ask for.
            name: `${databaseName(spec, pool)}_pool`,
            dbName: databaseName(spec, pool),
            user: pool.user,
            size: pool.size,
            mode: pool.mode ?? "transaction",
          },
          { ...child, dependsOn: [...databases, ...users.map(([, user]) => user)] },
        );
      return {
        server: {
          host: cluster.host,
          port: cluster.port,
          user: cluster.user,
          password: pulumi.secret(cluster.password),
          database: cluster.database,
          sslMode: "verify-full",
          caCertificate: getDatabaseCaOutput({ clusterId }, { provider }).certificate,
        },
        users: Object.fromEntries(
          users.map(([name, user]) => [
            name,
            { password: pulumi.secret(user.password), exists: true },
          ]),
        ),
        databasesExist: true,
        pool: made && { host: made.host, port: made.port, database: made.name },
        ready: [firewall, ...databases, ...users.map(([, user]) => user)],
      };
    },
  };
}

const databaseName = ({ databases }: PostgresSpec, { database }: PoolSpec): string =>
  databases.find(({ key }) => key === database)?.name ?? database;
