import { Hono } from "hono";
import { z } from "zod";
import { findAccount, setWorkersSubdomain } from "../accounts.ts";
import { ApiError, checked, jsonBody, ok } from "../envelope.ts";
import type { ApiEnv, CloudContext } from "../service.ts";
import { describeSettings } from "./describe.ts";
import { jsonPart, readForm } from "./forms.ts";
import { requireScript, scriptsOf, WORKERS_ERROR } from "./scripts.ts";

/*
 * What is set about a Worker beside its code: settings, workers.dev address, cron schedules.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/script_and_version_settings/
 */

const settingsBody = z.strictObject({
  logpush: z.boolean().optional(),
  observability: z.unknown().optional(),
  tags: z.array(z.string()).nullish(),
  tail_consumers: z.array(z.unknown()).nullish(),
});
const subdomainBody = z.object({
  enabled: z.boolean(),
  previews_enabled: z.boolean().default(false),
});
/**
 * Five fields of numbers, names, ranges, steps and lists, with the extensions L, W and #. Schedules are
 * kept and shown; nothing here runs them.
 * @see https://developers.cloudflare.com/workers/configuration/cron-triggers/#supported-cron-expressions
 */
const CRON_FIELD = String.raw`(?:\*|\d{1,2}|[A-Za-z]{3}|L)(?:-(?:\d{1,2}|[A-Za-z]{3}))?(?:[LW]|#\d)?(?:/\d{1,2})?`;
const CRON_LIST = `${CRON_FIELD}(?:,${CRON_FIELD})*`;
const cron = z
  .string()
  .regex(
    new RegExp(`^${CRON_LIST}(?: ${CRON_LIST}){4}$`),
    "must be a cron expression of five fields",
  );
const schedulesBody = z.array(z.object({ cron }));
const accountSubdomainBody = z.object({ subdomain: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/) });

const SCRIPT = "/accounts/:account/workers/scripts/:script";
const SUBDOMAIN = "/accounts/:account/workers/subdomain";

export function settingsRoutes(cloud: CloudContext): Hono<ApiEnv> {
  const named = (accountId: string, script: string) => requireScript(cloud, accountId, script);
  // Callers have awaited nothing since they read the script, or another change would be lost.
  const save = (script: ReturnType<typeof named>, change: Partial<typeof script.body>) =>
    scriptsOf(cloud).update(script.account, script.id, { body: { ...script.body, ...change } });

  const changeSettings = (
    script: ReturnType<typeof named>,
    change: z.infer<typeof settingsBody>,
  ) => {
    const { settings } = script.body;
    return save(script, {
      settings: {
        logpush: change.logpush ?? settings.logpush,
        observability: change.observability ?? settings.observability,
        tags: change.tags ?? settings.tags,
        tail_consumers: change.tail_consumers ?? settings.tail_consumers,
      },
    });
  };

  return new Hono<ApiEnv>()
    .get(`${SCRIPT}/settings`, (c) =>
      ok(c, describeSettings(named(c.get("accountId"), c.req.param("script")))),
    )
    .patch(`${SCRIPT}/settings`, async (c) => {
      const settings = await jsonPart(await readForm(c), "settings");
      const change = checked(settings, settingsBody, WORKERS_ERROR.invalid);
      const script = named(c.get("accountId"), c.req.param("script"));
      return ok(c, describeSettings(changeSettings(script, change)));
    })
    .get(`${SCRIPT}/script-settings`, (c) =>
      ok(c, named(c.get("accountId"), c.req.param("script")).body.settings),
    )
    .patch(`${SCRIPT}/script-settings`, async (c) => {
      const change = await jsonBody(c, settingsBody, WORKERS_ERROR.invalid);
      const script = named(c.get("accountId"), c.req.param("script"));
      return ok(c, changeSettings(script, change).body.settings);
    })
    .get(`${SCRIPT}/subdomain`, (c) =>
      ok(c, named(c.get("accountId"), c.req.param("script")).body.subdomain),
    )
    .post(`${SCRIPT}/subdomain`, async (c) => {
      const subdomain = await jsonBody(c, subdomainBody, WORKERS_ERROR.invalid);
      const script = named(c.get("accountId"), c.req.param("script"));
      return ok(c, save(script, { subdomain }).body.subdomain);
    })
    .delete(`${SCRIPT}/subdomain`, (c) => {
      const script = named(c.get("accountId"), c.req.param("script"));
      const subdomain = { enabled: false, previews_enabled: false };
      return ok(c, save(script, { subdomain }).body.subdomain);
    })
    .get(`${SCRIPT}/schedules`, (c) =>
      ok(c, { schedules: named(c.get("accountId"), c.req.param("script")).body.schedules }),
    )
    .put(`${SCRIPT}/schedules`, async (c) => {
      const requested = await jsonBody(c, schedulesBody, WORKERS_ERROR.invalid);
      const script = named(c.get("accountId"), c.req.param("script"));
      const now = new Date().toISOString();
      const schedules = requested.map(({ cron }) => ({ cron, created_on: now, modified_on: now }));
      return ok(c, { schedules: save(script, { schedules }).body.schedules });
    })
    .get(SUBDOMAIN, (c) =>
      ok(c, { subdomain: findAccount(cloud, c.get("accountId"))?.body.workersSubdomain }),
    )
    .put(SUBDOMAIN, async (c) => {
      const { subdomain } = await jsonBody(c, accountSubdomainBody, WORKERS_ERROR.invalid);
      if (!setWorkersSubdomain(cloud, c.get("accountId"), subdomain)) {
        throw new ApiError(409, 10031, "Subdomain is unavailable, please try a different one.");
      }
      return ok(c, { subdomain });
    });
}
