import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { ApiError, jsonBody, ok } from "../envelope.ts";
import type { ApiEnv, CloudContext } from "../service.ts";
import type { StoredBinding } from "./bindings.ts";
import { changeScript, deploymentOf } from "./commit.ts";
import {
  deployedVersion,
  nextVersionNumber,
  requireScript,
  type ScriptDocument,
  type ScriptVersion,
  WORKERS_ERROR,
  withVersion,
} from "./scripts.ts";

/*
 * A Worker's secrets, written one by one. Each change makes and deploys a new version, as at the vendor.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/secrets/
 */

const secretBody = z.object({
  name: z.string().min(1),
  text: z.string(),
  type: z.literal("secret_text"),
});
const bulkBody = z.object({
  secrets: z.record(z.string(), secretBody.nullable()),
});

const SECRETS = "/accounts/:account/workers/scripts/:script/secrets";
const SECRET_NOT_FOUND = 10056;

const secretsOf = (script: ScriptDocument) =>
  deployedVersion(script).bindings.filter(({ type }) => type === "secret_text");
const shown = (name: string) => ({ name, type: "secret_text" });

export function secretRoutes(cloud: CloudContext): Hono<ApiEnv> {
  async function setSecrets(
    { account, name: script }: ScriptDocument,
    changes: Readonly<Record<string, string | null>>,
  ): Promise<void> {
    await changeScript(cloud, account, script, ({ body, ...rest }) => {
      const current = deployedVersion({ ...rest, body });
      const taken = current.bindings.find(
        ({ name, type }) => name in changes && type !== "secret_text",
      );
      if (taken !== undefined) {
        throw new ApiError(400, 10053, `Binding name '${taken.name}' already in use.`);
      }
      const fresh = Object.entries(changes).flatMap(([name, text]): StoredBinding[] =>
        text === null ? [] : [{ type: "secret_text", name, sealed: cloud.vault.seal(text) }],
      );
      const kept = current.bindings.filter(({ name }) => !(name in changes));
      const version: ScriptVersion = {
        ...current,
        id: randomUUID(),
        number: nextVersionNumber(body),
        createdAt: new Date().toISOString(),
        bindings: [...kept, ...fresh],
        annotations: { "workers/triggered_by": "secret" },
      };
      const deployment = deploymentOf(version, version.annotations);
      return {
        tried: version,
        record: (latest = body) => ({
          ...latest,
          versions: withVersion(latest, version),
          deployment,
        }),
      };
    });
  }

  const find = (script: ScriptDocument, name: string) => {
    if (!secretsOf(script).some((secret) => secret.name === name)) {
      throw new ApiError(404, SECRET_NOT_FOUND, `Secret ${name} not found.`);
    }
    return shown(name);
  };

  return new Hono<ApiEnv>()
    .get(SECRETS, (c) => {
      const script = requireScript(cloud, c.get("accountId"), c.req.param("script"));
      return ok(
        c,
        secretsOf(script).map(({ name }) => shown(name)),
      );
    })
    .put(SECRETS, async (c) => {
      const script = requireScript(cloud, c.get("accountId"), c.req.param("script"));
      const { name, text } = await jsonBody(c, secretBody, WORKERS_ERROR.invalid);
      await setSecrets(script, { [name]: text });
      return ok(c, shown(name));
    })
    .patch(`${SECRETS}-bulk`, async (c) => {
      const script = requireScript(cloud, c.get("accountId"), c.req.param("script"));
      const { secrets } = await jsonBody(c, bulkBody, WORKERS_ERROR.invalid);
      const changes = Object.entries(secrets).map(
        ([name, secret]) => [name, secret?.text ?? null] as const,
      );
      await setSecrets(script, Object.fromEntries(changes));
      return ok(
        c,
        changes.flatMap(([name, text]) => (text === null ? [] : [shown(name)])),
      );
    })
    .get(`${SECRETS}/:secret`, (c) => {
      const script = requireScript(cloud, c.get("accountId"), c.req.param("script"));
      return ok(c, find(script, c.req.param("secret")));
    })
    .delete(`${SECRETS}/:secret`, async (c) => {
      const script = requireScript(cloud, c.get("accountId"), c.req.param("script"));
      const { name } = find(script, c.req.param("secret"));
      await setSecrets(script, { [name]: null });
      return ok(c, null);
    });
}
