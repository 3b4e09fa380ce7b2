import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { WorkerModule } from "../../runtime/account-spec.ts";
import { isModuleType } from "../../runtime/miniflare-options.ts";
import { ApiError, checked } from "../envelope.ts";
import type { ApiContext, CloudContext } from "../service.ts";
import { bindingSchema, bindingTypes, checkTargets, storedBindings } from "./bindings.ts";
import { deploymentOf, putScript } from "./commit.ts";
import { jsonPart, readForm } from "./forms.ts";
import { moduleReference } from "./modules.ts";
import {
  DEFAULT_SETTINGS,
  deployedVersion,
  etagOf,
  nextVersionNumber,
  requireScript,
  requireVersion,
  type ScriptBody,
  type ScriptDocument,
  type ScriptVersion,
  WORKERS_ERROR,
  withVersion,
} from "./scripts.ts";

/*
 * Upload of a script: a multipart form whose part `metadata` is JSON and whose other parts are modules.
 * @see https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/
 */

/** Metadata that would change what the Worker does, and that this cloud cannot honour. */
const UNSUPPORTED = ["assets", "body_part", "containers", "exports", "migrations"] as const;

const metadataSchema = z.object({
  main_module: z.string().optional(),
  bindings: z.array(z.unknown()).default([]),
  keep_bindings: z.array(z.string()).default([]),
  compatibility_date: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .default("2021-11-02"),
  compatibility_flags: z.array(z.string()).default([]),
  usage_model: z.string().default("standard"),
  annotations: z.record(z.string(), z.string()).default({}),
  tags: z.array(z.string()).nullish(),
  logpush: z.boolean().optional(),
  observability: z.unknown().optional(),
  tail_consumers: z.array(z.unknown()).nullish(),
  placement: z.record(z.string(), z.unknown()).nullish(),
  limits: z.record(z.string(), z.unknown()).nullish(),
});

type Metadata = z.infer<typeof metadataSchema>;

const NAME = /^[a-z0-9_][a-z0-9-_]{0,62}$/;

export interface Upload {
  readonly metadata: Metadata;
  readonly modules: readonly WorkerModule[];
}

/** The request's form as metadata and modules. */
export async function readUpload(context: ApiContext): Promise<Upload> {
  if (!(context.req.header("content-type") ?? "").startsWith("multipart/form-data")) {
    throw new ApiError(
      400,
      WORKERS_ERROR.invalid,
      "Scripts without modules are not available on the local cloud. Upload an ES module as multipart/form-data.",
    );
  }
  const form = await readForm(context);
  const metadata = parseMetadata(await jsonPart(form, "metadata"));
  const parts = [...form.entries()].filter(
    ([name, part]) => name !== "metadata" && !isSourceMap(part),
  );
  const modules = await Promise.all(parts.map(([name, part]) => readModule(name, part)));
  return { metadata, modules };
}

/** Makes a version of what was uploaded, tries it in the account's runtime, and deploys it unless told not to. */
export async function saveVersion(
  cloud: CloudContext,
  accountId: string,
  name: string,
  { metadata, modules }: Upload,
  deploy: boolean,
): Promise<{ script: ScriptDocument; version: ScriptVersion }> {
  if (!NAME.test(name)) {
    throw new ApiError(
      400,
      10016,
      `invalid Worker name "${name}": use 1 to 63 lower-case letters, digits, hyphens and underscores.`,
    );
  }
  const { main_module: mainModule } = metadata;
  if (mainModule === undefined || !modules.some((module) => module.name === mainModule)) {
    throw new ApiError(
      400,
      WORKERS_ERROR.invalid,
      `No such module "${mainModule ?? ""}": main_module must name one of the uploaded parts.`,
    );
  }
  const references = modules.map(moduleReference);
  const id = randomUUID();
  const script = await putScript(cloud, accountId, name, (existing, account) => {
    // Only a deployment makes a script; a version is one of a script that is there.
    if (!deploy) requireScript(cloud, accountId, name);
    const bindings = storedBindings(
      cloud.vault,
      metadata.bindings.map(parseBinding),
      existing === undefined ? [] : deployedVersion(existing).bindings,
      metadata.keep_bindings,
    );
    checkTargets(bindings, account, name);
    const version: ScriptVersion = {
      id,
      number: nextVersionNumber(existing?.body),
      createdAt: new Date().toISOString(),
      mainModule,
      modules: references,
      etag: etagOf(mainModule, references),
      bindings,
      compatibilityDate: metadata.compatibility_date,
      compatibilityFlags: metadata.compatibility_flags,
      annotations: metadata.annotations,
      usageModel: metadata.usage_model,
      placement: metadata.placement ?? {},
      limits: metadata.limits ?? {},
    };
    return {
      tried: version,
      modules,
      record: (latest) => withUploadedVersion(latest, version, metadata, deploy),
    };
  });
  return { script, version: requireVersion(script.body, id) };
}

function withUploadedVersion(
  previous: ScriptBody | undefined,
  version: ScriptVersion,
  metadata: Metadata,
  deploy: boolean,
): ScriptBody {
  const settings = previous?.settings ?? DEFAULT_SETTINGS;
  const deployment =
    deploy || previous === undefined
      ? deploymentOf(version, version.annotations)
      : previous.deployment;
  return {
    versions: withVersion(previous, version),
    deployment,
    settings: {
      logpush: metadata.logpush ?? settings.logpush,
      observability: metadata.observability ?? settings.observability,
      tags: metadata.tags ?? settings.tags,
      tail_consumers: metadata.tail_consumers ?? settings.tail_consumers,
    },
    subdomain: previous?.subdomain ?? { enabled: false, previews_enabled: false },
    schedules: previous?.schedules ?? [],
  };
}

/** Source maps translate stack traces in the vendor's dashboard; no Worker can load one. */
const isSourceMap = (part: File | string) =>
  typeof part !== "string" && part.type === "application/source-map";

function parseMetadata(value: unknown): Metadata {
  const metadata = checked(value, metadataSchema, WORKERS_ERROR.invalid);
  const unsupported = UNSUPPORTED.filter((key) => hasValue(value, key));
  if (unsupported.length > 0) {
    throw new ApiError(
      400,
      WORKERS_ERROR.invalid,
      `${unsupported.join(", ")}: not available on the local cloud. Remove it from the upload, or deploy to Cloudflare.`,
    );
  }
  return metadata;
}

function parseBinding(value: unknown) {
  const { type, name } = (value ?? {}) as { type?: unknown; name?: unknown };
  if (typeof type === "string" && !bindingTypes.includes(type)) {
    throw new ApiError(
      400,
      WORKERS_ERROR.invalid,
      `binding ${String(name)} of type ${type} is not available on the local cloud, which has: ${bindingTypes.join(", ")}.`,
    );
  }
  return checked(value, bindingSchema, WORKERS_ERROR.invalid);
}

async function readModule(name: string, part: File | string): Promise<WorkerModule> {
  const blob = typeof part === "string" ? new Blob([part], { type: "text/plain" }) : part;
  const contentType = blob.type.split(";")[0]?.trim() ?? "";
  if (!isModuleType(contentType)) {
    throw new ApiError(
      400,
      WORKERS_ERROR.invalid,
      `The module ${name} has the content type "${contentType}", which Workers cannot load.`,
    );
  }
  return { name, contentType, base64: Buffer.from(await blob.arrayBuffer()).toString("base64") };
}

function hasValue(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && key in value && value[key as never] != null;
}
