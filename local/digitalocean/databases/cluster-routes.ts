import { Hono } from "hono";
import type { VendorContext } from "../../vendor-context.ts";
import { teamAuthority } from "../accounts.ts";
import { jsonBody, unprocessable } from "../envelope.ts";
import type { DigitalOceanContext, DigitalOceanEnv } from "../service.ts";
import { backUpWhenDue } from "./backups.ts";
import { isNotSmaller, options, requireLayout, requireVersion } from "./catalogue.ts";
import {
  type Cluster,
  listClusters,
  requireCluster,
  requireKind,
  requireOnline,
} from "./clusters.ts";
import { describeCluster } from "./describe.ts";
import { createCluster, deleteCluster, resizeCluster, settleCluster } from "./lifecycle.ts";
import { createBody, resizeBody, upgradeBody } from "./requests.ts";

const CLUSTER = "/databases/:cluster";

/** The team's cluster that the path names. */
export const clusterOf = (cloud: VendorContext, c: DigitalOceanContext): Cluster =>
  requireCluster(cloud, c.get("accountId"), c.req.param("cluster") ?? "");

/** Clusters themselves: what there is, begins, grows, ends and is kept. */
export function clusterRoutes(cloud: VendorContext): Hono<DigitalOceanEnv> {
  const online = (c: DigitalOceanContext) =>
    requireOnline(cloud, c.get("accountId"), c.req.param("cluster") ?? "");

  return new Hono<DigitalOceanEnv>()
    .get("/databases/options", (c) => c.json(options()))
    .get("/databases", (c) => {
      const tag = c.req.query("tag_name");
      const clusters = listClusters(cloud, c.get("accountId")).filter(
        ({ body }) => !tag || body.tags.includes(tag),
      );
      return c.json({ databases: clusters.map((cluster) => describeCluster(cloud, cluster)) });
    })
    .post("/databases", async (c) => {
      const request = await jsonBody(c, createBody);
      const cluster = await createCluster(cloud, c.get("accountId"), request);
      void settleCluster(cloud, cluster);
      return c.json({ database: describeCluster(cloud, cluster) }, 201);
    })
    .get(CLUSTER, (c) => c.json({ database: describeCluster(cloud, clusterOf(cloud, c)) }))
    .delete(CLUSTER, async (c) => {
      await deleteCluster(cloud, c.get("accountId"), clusterOf(cloud, c).id);
      return c.body(null, 204);
    })
    .get(`${CLUSTER}/ca`, async (c) => {
      const { certificate } = await teamAuthority(cloud, clusterOf(cloud, c).account);
      return c.json({ ca: { certificate: Buffer.from(certificate).toString("base64") } });
    })
    .put(`${CLUSTER}/resize`, async (c) => {
      const cluster = online(c);
      const request = await jsonBody(c, resizeBody);
      const layout = requireLayout(cluster.body.engine, {
        size: request.size,
        nodes: request.num_nodes,
        storageMib: request.storage_size_mib ?? 0,
      });
      if (!isNotSmaller(layout.size, cluster.body.size)) {
        throw unprocessable(
          `invalid size. A cluster cannot be resized to less memory than that of ${cluster.body.size}.`,
        );
      }
      resizeCluster(cloud, online(c), layout);
      return c.body(null, 202);
    })
    .put(`${CLUSTER}/migrate`, (c) => {
      clusterOf(cloud, c);
      throw unprocessable(
        "The local cloud has all regions on one machine and migrates no cluster. Create one in the other region from a backup.",
      );
    })
    .put(`${CLUSTER}/upgrade`, async (c) => {
      const { body } = online(c);
      const { version } = await jsonBody(c, upgradeBody);
      requireVersion(body.engine, version);
      throw unprocessable(`The cluster has version ${body.version} already.`);
    })
    .put(`${CLUSTER}/install_update`, (c) => {
      online(c);
      throw unprocessable("There is no pending maintenance update to install.");
    })
    .get(`${CLUSTER}/backups`, (c) => {
      const cluster = requireKind(clusterOf(cloud, c), "pg");
      const { backups } = cluster.body;
      if (backups.length > 0) void backUpWhenDue(cloud, cluster);
      return c.json({
        backups: backups.map(({ createdAt, sizeGigabytes }) => ({
          created_at: createdAt,
          size_gigabytes: sizeGigabytes,
          incremental: false,
        })),
      });
    })
    .get(`${CLUSTER}/events`, (c) => {
      const { name, body } = clusterOf(cloud, c);
      const events = body.events.map(({ id, type, time }) => ({
        id,
        cluster_name: name,
        event_type: type,
        create_time: time,
      }));
      return c.json({ events });
    })
    .get(`${CLUSTER}/replicas`, (c) => {
      requireKind(clusterOf(cloud, c), "pg");
      return c.json({ replicas: [] });
    })
    .post(`${CLUSTER}/replicas`, (c) => {
      requireKind(clusterOf(cloud, c), "pg");
      throw unprocessable(
        "The local cloud has no read-only nodes. Fork the cluster to have a copy of its data.",
      );
    });
}
