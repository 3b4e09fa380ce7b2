import { Hono } from "hono";
import { z } from "zod";
import { ApiError, jsonBody, ok } from "../envelope.ts";
import type { ApiEnv, CloudContext } from "../service.ts";
import { changeScript, deploymentOf } from "./commit.ts";
import { describeDeployment, describeVersion } from "./describe.ts";
import { requireScript, requireVersion, WORKERS_ERROR } from "./scripts.ts";
import { readUpload, saveVersion } from "./upload.ts";

/*
 * Versions and deployments, as `wrangler deploy` uses them for a Worker that exists.
 * @see https://developers.cloudflare.com/workers/configuration/versions-and-deployments/
 */

const deploymentBody = z.object({
  strategy: z.literal("percentage"),
  versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })).min(1),
  annotations: z.record(z.string(), z.string()).default({}),
});

const SCRIPT = "/accounts/:account/workers/scripts/:script";

export function versionRoutes(cloud: CloudContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>()
    .get(`${SCRIPT}/versions`, (c) => {
      const script = requireScript(cloud, c.get("accountId"), c.req.param("script"));
      return ok(c, { items: script.body.versions.map(describeVersion) });
    })
    .post(`${SCRIPT}/versions`, async (c) => {
      const { name } = requireScript(cloud, c.get("accountId"), c.req.param("script"));
      const upload = await readUpload(c);
      const { version } = await saveVersion(cloud, c.get("accountId"), name, upload, false);
      return ok(c, { ...describeVersion(version), startup_time_ms: 0 });
    })
    .get(`${SCRIPT}/versions/:version`, (c) => {
      const script = requireScript(cloud, c.get("accountId"), c.req.param("script"));
      return ok(c, describeVersion(requireVersion(script.body, c.req.param("version"))));
    })
    .get(`${SCRIPT}/deployments`, (c) => {
      const script = requireScript(cloud, c.get("accountId"), c.req.param("script"));
      return ok(c, { deployments: [describeDeployment(script)] });
    })
    .post(`${SCRIPT}/deployments`, async (c) => {
      const { account, name } = requireScript(cloud, c.get("accountId"), c.req.param("script"));
      const { versions, annotations } = await jsonBody(c, deploymentBody, WORKERS_ERROR.invalid);
      const [only] = versions;
      if (only === undefined || versions.length > 1 || only.percentage !== 100) {
        throw new ApiError(
          400,
          WORKERS_ERROR.invalid,
          "Gradual deployments are not available on the local cloud. Deploy one version to 100% of the traffic.",
        );
      }
      const script = await changeScript(cloud, account, name, (current) => {
        const tried = requireVersion(current.body, only.version_id);
        const deployment = deploymentOf(tried, annotations);
        return { tried, record: (latest = current.body) => ({ ...latest, deployment }) };
      });
      return ok(c, describeDeployment(script));
    });
}
