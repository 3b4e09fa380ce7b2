import { Hono } from "hono";
import { ApiError, ok } from "../envelope.ts";
import type { ApiContext, ApiEnv, CloudContext, CloudflareService } from "../service.ts";
import { describeScript, describeWorker, scriptContent } from "./describe.ts";
import { domainRoutes, domainsOf } from "./domains.ts";
import { dropUnusedModules, readModules } from "./modules.ts";
import { routeRoutes, routesOf } from "./routes.ts";
import {
  deployedVersion,
  requireScript,
  type ScriptDocument,
  scriptsOf,
  WORKERS_ERROR,
} from "./scripts.ts";
import { secretRoutes } from "./secrets.ts";
import { settingsRoutes } from "./settings.ts";
import { readUpload, saveVersion } from "./upload.ts";
import { versionRoutes } from "./versions.ts";
import { workerSpec } from "./worker-spec.ts";

const SCRIPTS = "/accounts/:account/workers/scripts";
const SCRIPT = `${SCRIPTS}/:script`;
const SERVICE = "/accounts/:account/workers/services/:script";
const REFERENCED = 10064;

/**
 * Workers: scripts, secrets, settings, versions, addresses.
 * @see https://developers.cloudflare.com/api/resources/workers/
 */
export const workersService: CloudflareService = {
  name: "workers",
  contribute: (cloud, accountId) => ({
    workers: scriptsOf(cloud)
      .list(accountId)
      .map(({ name }) => name),
  }),
  describeWorkers: (cloud, accountId, account) =>
    scriptsOf(cloud)
      .list(accountId)
      .map((script) => {
        const version = deployedVersion(script);
        const modules = readModules(cloud, accountId, version.modules);
        return workerSpec(cloud, account, script.name, version, modules);
      }),
  routes(cloud) {
    const routes = scriptRoutes(cloud);
    for (const part of [secretRoutes, settingsRoutes, versionRoutes, domainRoutes, routeRoutes]) {
      routes.route("/", part(cloud));
    }
    return routes;
  },
};

function scriptRoutes(cloud: CloudContext): Hono<ApiEnv> {
  const remove = async (c: ApiContext) => {
    const accountId = c.get("accountId");
    const { name } = requireScript(cloud, accountId, c.req.param("script") ?? "");
    // Among other changes of Workers, or one that is under way would bring the script back.
    await cloud.runtimes.of(accountId).withdraw(() => {
      const script = requireScript(cloud, accountId, name);
      if (c.req.query("force") !== "true") refuseReferenced(cloud, script);
      deleteScript(cloud, script);
    });
    return ok(c, null);
  };

  return (
    new Hono<ApiEnv>()
      .get(SCRIPTS, (c) => ok(c, scriptsOf(cloud).list(c.get("accountId")).map(describeScript)))
      .put(SCRIPT, async (c) => {
        const upload = await readUpload(c);
        const name = c.req.param("script");
        const { script } = await saveVersion(cloud, c.get("accountId"), name, upload, true);
        return ok(c, describeScript(script));
      })
      .get(SCRIPT, (c) =>
        scriptContent(cloud, requireScript(cloud, c.get("accountId"), c.req.param("script"))),
      )
      .get(`${SCRIPT}/content/v2`, (c) =>
        scriptContent(cloud, requireScript(cloud, c.get("accountId"), c.req.param("script"))),
      )
      .delete(SCRIPT, remove)
      // The address that `wrangler delete` uses.
      .delete(SERVICE, remove)
      .get("/accounts/:account/workers/workers/:script", (c) =>
        ok(c, describeWorker(requireScript(cloud, c.get("accountId"), c.req.param("script")))),
      )
      .get(SERVICE, (c) => {
        const script = scriptsOf(cloud).byName(c.get("accountId"), c.req.param("script"));
        if (script === undefined) {
          throw new ApiError(
            404,
            WORKERS_ERROR.serviceNotFound,
            "workers.api.error.service_not_found",
          );
        }
        return ok(c, {
          id: script.name,
          created_on: script.createdAt,
          modified_on: script.modifiedAt,
          default_environment: {
            environment: "production",
            script: describeScript(script),
            created_on: script.createdAt,
            modified_on: script.modifiedAt,
          },
        });
      })
  );
}

function refuseReferenced(cloud: CloudContext, { account, name }: ScriptDocument): void {
  const users = scriptsOf(cloud)
    .list(account)
    .filter((other) => other.name !== name)
    .filter((other) =>
      deployedVersion(other).bindings.some(
        (binding) => binding.type === "service" && binding.service === name,
      ),
    );
  if (users.length === 0) return;
  throw new ApiError(
    400,
    REFERENCED,
    `Cannot delete ${name}, because it is the target of a service binding of ${users.map((user) => user.name).join(", ")}.`,
  );
}

function deleteScript(cloud: CloudContext, { account, id, name, body }: ScriptDocument): void {
  cloud.store.transaction(() => {
    scriptsOf(cloud).remove(account, id);
    dropUnusedModules(cloud, account, body);
    for (const domain of domainsOf(cloud).list(account)) {
      if (domain.body.service === name) domainsOf(cloud).remove(account, domain.id);
    }
    for (const route of routesOf(cloud).list(account)) {
      if (route.body.script === name) {
        routesOf(cloud).update(account, route.id, { body: { ...route.body, script: null } });
      }
    }
  });
}
