import type { CloudContext } from "../service.ts";
import { shownBinding } from "./bindings.ts";
import { readModules } from "./modules.ts";
import { deployedVersion, type ScriptDocument, type ScriptVersion } from "./scripts.ts";

/*
 * Scripts, versions and settings as the API shows them. No secret's value is in any of these.
 */

/** Tokens belong to environments here, not to people. */
const AUTHOR = "api-token@bulkhead.example";

export function describeScript(script: ScriptDocument) {
  const { createdAt, modifiedAt, body, id, name } = script;
  const version = deployedVersion(script);
  return {
    id: name,
    tag: id,
    etag: version.etag,
    tags: body.settings.tags,
    handlers: ["fetch"],
    has_modules: true,
    has_assets: false,
    logpush: body.settings.logpush,
    observability: body.settings.observability,
    tail_consumers: body.settings.tail_consumers,
    compatibility_date: version.compatibilityDate,
    compatibility_flags: version.compatibilityFlags,
    usage_model: version.usageModel,
    created_on: createdAt,
    modified_on: modifiedAt,
    entry_point: version.mainModule,
    deployment_id: body.deployment.id,
    last_deployed_from: "api",
    startup_time_ms: 0,
  };
}

/** The script as the newer Workers API shows it, which `wrangler deploy` reads. */
export const describeWorker = (script: ScriptDocument) => ({
  id: script.id,
  name: script.name,
  ...script.body.settings,
  subdomain: script.body.subdomain,
  references: {},
  created_on: script.createdAt,
  updated_on: script.modifiedAt,
  deployed_on: script.body.deployment.createdAt,
});

/** Settings of a script together with those of its deployed version. */
export function describeSettings(script: ScriptDocument) {
  const version = deployedVersion(script);
  return {
    bindings: version.bindings.map(shownBinding),
    annotations: version.annotations,
    compatibility_date: version.compatibilityDate,
    compatibility_flags: version.compatibilityFlags,
    usage_model: version.usageModel,
    placement: version.placement,
    limits: version.limits,
    ...script.body.settings,
  };
}

const metadataOf = (version: ScriptVersion) => ({
  created_on: version.createdAt,
  modified_on: version.createdAt,
  source: "api",
  author_email: AUTHOR,
  hasPreview: false,
});

export const describeVersion = (version: ScriptVersion) => ({
  id: version.id,
  number: version.number,
  metadata: metadataOf(version),
  annotations: version.annotations,
  resources: {
    bindings: version.bindings.map(shownBinding),
    script: { etag: version.etag, handlers: ["fetch"], last_deployed_from: "api" },
    script_runtime: {
      compatibility_date: version.compatibilityDate,
      compatibility_flags: version.compatibilityFlags,
      usage_model: version.usageModel,
    },
  },
});

export const describeDeployment = ({ body }: ScriptDocument) => ({
  id: body.deployment.id,
  source: "api",
  strategy: "percentage",
  author_email: AUTHOR,
  created_on: body.deployment.createdAt,
  annotations: body.deployment.annotations,
  versions: [{ version_id: body.deployment.versionId, percentage: 100 }],
});

/** The script's modules as a multipart body, main module first. */
export function scriptContent(cloud: CloudContext, script: ScriptDocument): Response {
  const version = deployedVersion(script);
  const modules = readModules(cloud, script.account, version.modules);
  const form = new FormData();
  const main = modules.filter(({ name }) => name === version.mainModule);
  const others = modules.filter(({ name }) => name !== version.mainModule);
  for (const { name, contentType, base64 } of [...main, ...others]) {
    form.set(name, new File([Buffer.from(base64, "base64")], name, { type: contentType }));
  }
  return new Response(form, {
    headers: { "cf-entrypoint": version.mainModule, etag: `"${version.etag}"` },
  });
}
