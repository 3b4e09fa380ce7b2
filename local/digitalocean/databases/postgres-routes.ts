import { Hono } from "hono";
import type { VendorContext } from "../../vendor-context.ts";
import { ApiError, jsonBody, unprocessable } from "../envelope.ts";
import type { DigitalOceanContext, DigitalOceanEnv } from "../service.ts";
import { connectionsOf, RESERVED_CONNECTIONS } from "./catalogue.ts";
import { changeCluster } from "./changes.ts";
import { clusterOf } from "./cluster-routes.ts";
import {
  type Cluster,
  type ClusterBody,
  DEFAULT_DATABASE,
  type Pool,
  requireKind,
} from "./clusters.ts";
import { describePool } from "./describe.ts";
import { databaseBody, poolBody, poolUpdateBody } from "./requests.ts";
import { isTaken } from "./roles.ts";

const DATABASES = "/databases/:cluster/dbs";
const POOLS = "/databases/:cluster/pools";
const POOL = `${POOLS}/:pool`;

/** Databases and pools, which only a PostgreSQL has. */
export function postgresRoutes(cloud: VendorContext): Hono<DigitalOceanEnv> {
  const postgresOf = (c: DigitalOceanContext) => requireKind(clusterOf(cloud, c), "pg");
  const change = (
    c: DigitalOceanContext,
    plan: (cluster: Cluster) => Promise<Partial<ClusterBody>> | Partial<ClusterBody>,
  ) => changeCluster(cloud, c.get("accountId"), postgresOf(c).id, plan);

  return new Hono<DigitalOceanEnv>()
    .get(DATABASES, (c) => c.json({ dbs: postgresOf(c).body.databases.map((name) => ({ name })) }))
    .post(DATABASES, async (c) => {
      postgresOf(c);
      const { name } = await jsonBody(c, databaseBody);
      await change(c, async (cluster) => {
        const { databases } = cluster.body;
        if (databases.includes(name) || (await isTaken(cloud, cluster, "database", name))) {
          throw unprocessable("database already exists");
        }
        return { databases: [...databases, name], pending: [{ kind: "database", name }] };
      });
      return c.json({ db: { name } }, 201);
    })
    .get(`${DATABASES}/:name`, (c) =>
      c.json({ db: { name: requireDatabase(postgresOf(c), c.req.param("name")) } }),
    )
    .delete(`${DATABASES}/:name`, async (c) => {
      await change(c, (cluster) => {
        const name = requireDatabase(cluster, c.req.param("name"));
        if (name === DEFAULT_DATABASE)
          throw unprocessable("The default database cannot be deleted.");
        refuseInUse(cluster, `database "${name}"`, ({ db }) => db === name);
        const databases = cluster.body.databases.filter((each) => each !== name);
        return { databases, pending: [{ kind: "drop-database", name }] };
      });
      return c.body(null, 204);
    })
    .get(POOLS, (c) => {
      const cluster = postgresOf(c);
      const pools = cluster.body.pools.map((pool) => describePool(cloud, cluster, pool));
      return c.json({ pools });
    })
    .post(POOLS, async (c) => {
      postgresOf(c);
      const { user, ...wanted } = await jsonBody(c, poolBody);
      const pool: Pool = { ...wanted, user: user || null };
      const changed = await change(c, (cluster) => {
        if (cluster.body.pools.some(({ name }) => name === pool.name)) {
          throw unprocessable("pool name is not available: a pool of that name already exists");
        }
        return { pools: checkedPools(cluster, [...cluster.body.pools, pool], pool) };
      });
      return c.json({ pool: describePool(cloud, changed, pool) }, 201);
    })
    .get(POOL, (c) => {
      const cluster = postgresOf(c);
      return c.json({
        pool: describePool(cloud, cluster, requirePool(cluster, c.req.param("pool"))),
      });
    })
    .put(POOL, async (c) => {
      requirePool(postgresOf(c), c.req.param("pool"));
      const { user, ...wanted } = await jsonBody(c, poolUpdateBody);
      await change(c, (cluster) => {
        const { name } = requirePool(cluster, c.req.param("pool"));
        const pool: Pool = { ...wanted, name, user: user || null };
        const pools = cluster.body.pools.map((each) => (each.name === name ? pool : each));
        return { pools: checkedPools(cluster, pools, pool) };
      });
      return c.body(null, 204);
    })
    .delete(POOL, async (c) => {
      await change(c, (cluster) => {
        const { name } = requirePool(cluster, c.req.param("pool"));
        return { pools: cluster.body.pools.filter((each) => each.name !== name) };
      });
      return c.body(null, 204);
    });
}

/** Refuses to delete what a pool still uses. */
export function refuseInUse(
  { body }: Cluster,
  thing: string,
  isUser: (pool: Pool) => boolean,
): void {
  const pool = body.pools.find(isUser);
  if (pool !== undefined) {
    throw unprocessable(`The ${thing} is used by the pool "${pool.name}". Delete the pool first.`);
  }
}

function requireDatabase({ body }: Cluster, name: string): string {
  if (!body.databases.includes(name)) throw new ApiError(404, "not_found", "database not found");
  return name;
}

function requirePool({ body }: Cluster, name: string): Pool {
  const pool = body.pools.find((each) => each.name === name);
  if (pool === undefined) throw new ApiError(404, "not_found", "connection pool not found");
  return pool;
}

/** All pools, when the new one names what exists and their connections are there together. */
function checkedPools({ body }: Cluster, pools: readonly Pool[], pool: Pool): readonly Pool[] {
  if (!body.databases.includes(pool.db)) throw unprocessable("db: database does not exist");
  if (pool.user !== null && !body.users.some(({ name }) => name === pool.user)) {
    throw unprocessable("user: user does not exist");
  }
  const available = connectionsOf(body.size) - RESERVED_CONNECTIONS;
  const wanted = pools.reduce((sum, { size }) => sum + size, 0);
  if (wanted > available) {
    throw unprocessable(
      `size: pools of ${wanted} connections exceed the ${available} that are available in a cluster of size ${body.size}`,
    );
  }
  return pools;
}
