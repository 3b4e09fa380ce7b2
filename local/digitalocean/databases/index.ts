import { Hono } from "hono";
import { retriesOf } from "../../retries.ts";
import type { DigitalOceanEnv, DigitalOceanService } from "../service.ts";
import { clusterRoutes } from "./cluster-routes.ts";
import { clustersOf, listClusters, writeCluster } from "./clusters.ts";
import { asResource } from "./describe.ts";
import { gatesOf } from "./gates.ts";
import { startClusters } from "./lifecycle.ts";
import { postgresRoutes } from "./postgres-routes.ts";
import { settingRoutes } from "./setting-routes.ts";
import { userRoutes } from "./user-routes.ts";

/**
 * Managed PostgreSQL and Valkey.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Databases
 */
export const databaseService: DigitalOceanService = {
  name: "databases",
  start: startClusters,
  stop(cloud) {
    retriesOf(cloud).close();
    return gatesOf(cloud).closeAll();
  },
  endpoints: (cloud) =>
    clustersOf(cloud)
      .all()
      .flatMap(({ body: { server, inner, pooler } }) => [server, inner ?? [], pooler ?? []].flat()),
  inventory(cloud, accountId) {
    const clusters = listClusters(cloud, accountId);
    const count = (slug: string) => clusters.filter(({ body }) => body.engine === slug).length;
    return { "PostgreSQL clusters": count("pg"), "Valkey clusters": count("valkey") };
  },
  resources: (cloud, accountId) => listClusters(cloud, accountId).map(asResource),
  taggable: {
    resourceType: "database",
    list: (cloud, accountId) =>
      listClusters(cloud, accountId).map(({ id, body }) => ({ id, tags: body.tags })),
    setTags(cloud, account, id, tags) {
      writeCluster(cloud, { account, id }, { tags });
    },
  },
  routes: (cloud) =>
    new Hono<DigitalOceanEnv>()
      .route("/", clusterRoutes(cloud))
      .route("/", settingRoutes(cloud))
      .route("/", postgresRoutes(cloud))
      .route("/", userRoutes(cloud)),
};
