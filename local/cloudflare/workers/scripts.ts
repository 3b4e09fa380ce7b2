import { createHash } from "node:crypto";
import type {
  AccountSpec,
  RuntimeBinding,
  WorkerModule,
  WorkerSpec,
} from "../../runtime/account-spec.ts";
import type { Document } from "../../store/document-store.ts";
import { ApiError } from "../envelope.ts";
import type { CloudContext } from "../service.ts";
import { type StoredBinding, toRuntimeBinding } from "./bindings.ts";

/** Error codes of the Workers API. */
export const WORKERS_ERROR = {
  notFound: 10007,
  serviceNotFound: 10090,
  invalid: 10021,
  malformed: 10001,
} as const;

/** One uploaded version of a script: code, bindings and settings. */
export interface ScriptVersion {
  readonly id: string;
  readonly number: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly mainModule: string;
  readonly modules: readonly WorkerModule[];
  readonly bindings: readonly StoredBinding[];
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly usageModel: string;
}

export interface ScriptBody {
  /** Newest first. */
  readonly versions: readonly ScriptVersion[];
  /** The deployment whose version serves all traffic. */
  readonly deployment: {
    readonly id: string;
    readonly versionId: string;
    /** ISO 8601. */
    readonly createdAt: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** Settings that are not versioned: `logpush`, `observability`, `tags`, `tail_consumers`. */
  readonly settings: ScriptSettings;
  readonly subdomain: { readonly enabled: boolean; readonly previews_enabled: boolean };
  readonly schedules: readonly {
    readonly cron: string;
    readonly created_on: string;
    readonly modified_on: string;
  }[];
}

export interface ScriptSettings {
  readonly logpush: boolean;
  readonly observability: unknown;
  readonly tags: readonly string[];
  readonly tail_consumers: readonly unknown[];
}

export type ScriptDocument = Document<ScriptBody>;

/** How many versions of a script are kept. */
const KEPT_VERSIONS = 10;

export const DEFAULT_SETTINGS: ScriptSettings = {
  logpush: false,
  observability: { enabled: false },
  tags: [],
  tail_consumers: [],
};

export const scriptsOf = ({ store }: CloudContext) => store.collection<ScriptBody>("worker");

export function requireScript(
  cloud: CloudContext,
  accountId: string,
  name: string,
): ScriptDocument {
  const script = scriptsOf(cloud).byName(accountId, name);
  if (script === undefined) {
    throw new ApiError(404, WORKERS_ERROR.notFound, "This Worker does not exist on your account.");
  }
  return script;
}

/** The version that serves the script's traffic. */
export function deployedVersion({ body }: ScriptDocument): ScriptVersion {
  return requireVersion(body, body.deployment.versionId);
}

export function requireVersion(body: ScriptBody, versionId: string): ScriptVersion {
  const version = body.versions.find(({ id }) => id === versionId);
  if (version === undefined) {
    throw new ApiError(404, 10223, `The version ${versionId} does not exist.`);
  }
  return version;
}

/** `versions` with a new one in front; the deployed one is never dropped. */
export function withVersion(
  body: ScriptBody | undefined,
  version: ScriptVersion,
): readonly ScriptVersion[] {
  const earlier = body?.versions ?? [];
  return [version, ...earlier].filter(
    ({ id }, index) => index < KEPT_VERSIONS || id === body?.deployment.versionId,
  );
}

/** The version's content hash, which changes with any change of code. */
export function etagOf({ mainModule, modules }: ScriptVersion): string {
  const hash = createHash("sha256").update(mainModule);
  for (const { name, contentType, base64 } of modules) {
    hash.update(JSON.stringify([name, contentType, base64]));
  }
  return hash.digest("hex");
}

/** The Worker as the runtime runs it. */
export function workerSpec(
  cloud: CloudContext,
  account: Pick<AccountSpec, "databases" | "buckets" | "namespaces">,
  workerNames: readonly string[],
  name: string,
  version: ScriptVersion,
): WorkerSpec {
  // What was deleted after the upload is left out, or the whole account's runtime could not start.
  const exists = (binding: RuntimeBinding) =>
    (binding.type !== "d1" || account.databases.includes(binding.id)) &&
    (binding.type !== "r2" || account.buckets.includes(binding.bucket)) &&
    (binding.type !== "kv" || account.namespaces.includes(binding.id)) &&
    (binding.type !== "service" || workerNames.includes(binding.worker));

  return {
    name,
    mainModule: version.mainModule,
    modules: version.modules,
    compatibilityDate: version.compatibilityDate,
    compatibilityFlags: version.compatibilityFlags,
    bindings: version.bindings
      .map((binding) => toRuntimeBinding(cloud.vault, binding))
      .filter(exists),
  };
}
