import { Hono } from "hono";
import type { VendorContext } from "../../vendor-context.ts";
import { jsonBody, unprocessable } from "../envelope.ts";
import type { DigitalOceanContext, DigitalOceanEnv } from "../service.ts";
import { changeCluster } from "./changes.ts";
import { clusterOf } from "./cluster-routes.ts";
import { type Cluster, type ClusterBody, requireKind } from "./clusters.ts";
import { withEvent } from "./lifecycle.ts";
import { POSTGRES_SETTINGS } from "./postgres-settings.ts";
import { evictionBody, firewallBody, maintenanceBody } from "./requests.ts";
import { refusedSetting } from "./roles.ts";
import { configurationBody, describeSettings, settingLines } from "./settings.ts";
import { describeRule, toRules } from "./trusted-sources.ts";
import { EVICTION_POLICY } from "./valkey-settings.ts";

const CLUSTER = "/databases/:cluster";

/** How a cluster behaves: advanced settings, trusted sources, maintenance window. */
export function settingRoutes(cloud: VendorContext): Hono<DigitalOceanEnv> {
  const change = (
    c: DigitalOceanContext,
    plan: (cluster: Cluster) => Promise<Partial<ClusterBody>> | Partial<ClusterBody>,
  ) =>
    changeCluster(cloud, c.get("accountId"), c.req.param("cluster") ?? "", async (cluster) => ({
      ...(await plan(cluster)),
      events: withEvent(cluster, "cluster_update"),
    }));

  return new Hono<DigitalOceanEnv>()
    .get(`${CLUSTER}/config`, (c) => {
      const { engine, configuration } = clusterOf(cloud, c).body;
      return c.json({ config: describeSettings(engine, configuration) });
    })
    .patch(`${CLUSTER}/config`, async (c) => {
      const { engine } = clusterOf(cloud, c).body;
      const { config } = await jsonBody(c, configurationBody[engine]);
      await change(c, async (cluster) => {
        if (engine === "pg") await refuseSettings(cloud, cluster, config);
        return { configuration: { ...cluster.body.configuration, ...config } };
      });
      return c.body(null, 200);
    })
    .get(`${CLUSTER}/eviction_policy`, (c) => {
      const { configuration } = requireKind(clusterOf(cloud, c), "valkey").body;
      const policy = describeSettings("valkey", configuration)[EVICTION_POLICY];
      return c.json({ eviction_policy: policy });
    })
    .put(`${CLUSTER}/eviction_policy`, async (c) => {
      requireKind(clusterOf(cloud, c), "valkey");
      const { eviction_policy: policy } = await jsonBody(c, evictionBody);
      await change(c, ({ body }) => ({
        configuration: { ...body.configuration, [EVICTION_POLICY]: policy },
      }));
      return c.body(null, 204);
    })
    .on(["GET", "PUT"], `${CLUSTER}/sql_mode`, (c) => {
      clusterOf(cloud, c);
      throw unprocessable("operation is not supported for this cluster type");
    })
    .get(`${CLUSTER}/firewall`, (c) => {
      const { id, body } = clusterOf(cloud, c);
      return c.json({ rules: body.rules.map((rule) => describeRule(id, rule)) });
    })
    .put(`${CLUSTER}/firewall`, async (c) => {
      clusterOf(cloud, c);
      const { rules } = await jsonBody(c, firewallBody);
      await change(c, ({ body }) => ({ rules: toRules(rules ?? [], body.rules) }));
      return c.body(null, 204);
    })
    .put(`${CLUSTER}/maintenance`, async (c) => {
      clusterOf(cloud, c);
      const maintenance = await jsonBody(c, maintenanceBody);
      await change(c, () => ({ maintenance }));
      return c.body(null, 204);
    });
}

async function refuseSettings(
  cloud: VendorContext,
  cluster: Cluster,
  config: Readonly<Record<string, unknown>>,
): Promise<void> {
  const refused = await refusedSetting(cloud, cluster, settingLines(POSTGRES_SETTINGS, config));
  if (refused !== undefined) {
    throw unprocessable(`config.${refused}: is not a value that PostgreSQL takes here`);
  }
}
