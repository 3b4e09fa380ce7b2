import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { ApiError, jsonBody, ok } from "../envelope.ts";
import type { ApiEnv, CloudContext } from "../service.ts";
import type { StoredBinding } from "./bindings.ts";
import {
  deployedVersion,
  requireScript,
  type ScriptDocument,
  WORKERS_ERROR,
  withVersion,
} from "./scripts.ts";
import { commitScript } from "./upload.ts";

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
    script: ScriptDocument,
    changes: Readonly<Record<string, string | null>>,
  ): Promise<void> {
    const current = deployedVersion(script);
    const fresh = Object.entries(changes).flatMap(([name, text]): StoredBinding[] =>
      text === null ? [] : [{ type: "secret_text", name, sealed: cloud.vault.seal(text) }],
    );
    const kept = current.bindings.filter(({ name }) => !(name in changes));
    const createdAt = new Date().toISOString();
    const version = {
      ...current,
      id: randomUUID(),
      number: (script.body.versions[0]?.number ?? 0) + 1,
      createdAt,
      bindings: [...kept, ...fresh],
      annotations: { "workers/triggered_by": "secret" },
    };
    const body = {
      ...script.body,
      versions: withVersion(script.body, version),
      deployment: {
        id: randomUUID(),
        versionId: version.id,
        createdAt,
        annotations: version.annotations,
      },
    };
    await commitScript(cloud, script.account, script.name, body, version);
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
      const taken = deployedVersion(script).bindings.find((binding) => binding.name === name);
      if (taken !== undefined && taken.type !== "secret_text") {
        throw new ApiError(400, 10053, `Binding name '${name}' already in use.`);
      }
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
