import { randomUUID } from "node:crypto";
import { z } from "zod";
import { ScriptRejectedError } from "../../runtime/account-runtime.ts";
import type { WorkerModule } from "../../runtime/account-spec.ts";
import { isModuleType } from "../../runtime/miniflare-options.ts";
import { ApiError, checked } from "../envelope.ts";
import { hexId } from "../identifiers.ts";
import type { ApiContext, CloudContext } from "../service.ts";
import { bindingSchema, bindingTypes, checkTargets, storedBindings } from "./bindings.ts";
import {
  DEFAULT_SETTINGS,
  deployedVersion,
  type ScriptBody,
  type ScriptDocument,
  type ScriptVersion,
  scriptsOf,
  WORKERS_ERROR,
  withVersion,
  workerSpec,
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
  const form = await context.req.raw.formData();
  const metadata = parseMetadata(await text(form.get("metadata")));
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
  const existing = scriptsOf(cloud).byName(accountId, name);
  const account = cloud.describeAccount(accountId);
  const bindings = storedBindings(
    cloud.vault,
    metadata.bindings.map(parseBinding),
    existing === undefined ? [] : deployedVersion(existing).bindings,
    metadata.keep_bindings,
  );
  checkTargets(bindings, account, name);

  const version: ScriptVersion = {
    id: randomUUID(),
    number: (existing?.body.versions[0]?.number ?? 0) + 1,
    createdAt: new Date().toISOString(),
    mainModule,
    modules,
    bindings,
    compatibilityDate: metadata.compatibility_date,
    compatibilityFlags: metadata.compatibility_flags,
    annotations: metadata.annotations,
    usageModel: metadata.usage_model,
  };
  const body = withUploadedVersion(existing?.body, version, metadata, deploy);
  await commitScript(cloud, accountId, name, body, version);
  const script = scriptsOf(cloud).byName(accountId, name);
  if (script === undefined) throw new Error(`The script ${name} was not saved.`);
  return { script, version };
}

/** Records a script after the runtime has loaded `tried` of it. */
export async function commitScript(
  cloud: CloudContext,
  accountId: string,
  name: string,
  body: ScriptBody,
  tried: ScriptVersion,
): Promise<void> {
  const scripts = scriptsOf(cloud);
  try {
    await cloud.runtimes.of(accountId).changeWorkers(
      (current) => {
        const others = current.workers.filter((worker) => worker.name !== name);
        const names = [...others.map((worker) => worker.name), name];
        return {
          ...current,
          workers: [...others, workerSpec(cloud, current, names, name, tried)],
        };
      },
      () => {
        const existing = scripts.byName(accountId, name);
        if (existing === undefined) scripts.insert(accountId, { id: hexId(), name, body });
        else scripts.update(accountId, existing.id, { body });
      },
    );
  } catch (error) {
    if (!(error instanceof ScriptRejectedError)) throw error;
    throw new ApiError(400, WORKERS_ERROR.invalid, rejection(error.message));
  }
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
      ? {
          id: randomUUID(),
          versionId: version.id,
          createdAt: version.createdAt,
          annotations: version.annotations,
        }
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

function parseMetadata(source: string): Metadata {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    throw new ApiError(400, WORKERS_ERROR.malformed, "The part `metadata` is not valid JSON.");
  }
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

async function text(part: File | string | null): Promise<string> {
  if (part === null) {
    throw new ApiError(400, WORKERS_ERROR.malformed, "The part `metadata` is missing.");
  }
  return typeof part === "string" ? part : part.text();
}

function hasValue(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && key in value && value[key as never] != null;
}

/** The runtime's own words, without its advice about files that only exist inside of it. */
function rejection(output: string): string {
  const lines = output
    .split("\n")
    .map((line) => line.replace(/^service core:user:[^:]+: /, "").trim())
    .filter((line) => line !== "");
  return lines.join(" ") || "The script could not be loaded.";
}
