import type { Document } from "../../store/document-store.ts";
import { ApiError } from "../envelope.ts";
import { sha256Hex } from "../identifiers.ts";
import type { CloudContext } from "../service.ts";
import type { StoredBinding } from "./bindings.ts";

/** Error codes of the Workers API. */
export const WORKERS_ERROR = {
  notFound: 10007,
  serviceNotFound: 10090,
  invalid: 10021,
  malformed: 10001,
} as const;

/** A module of a version by its content's hash; modules.ts keeps the code. */
export interface VersionModule {
  readonly name: string;
  readonly contentType: string;
  readonly sha256: string;
}

/** One uploaded version of a script: code, bindings and settings. */
export interface ScriptVersion {
  readonly id: string;
  readonly number: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly mainModule: string;
  readonly modules: readonly VersionModule[];
  /** Changes with any change of code. */
  readonly etag: string;
  readonly bindings: readonly StoredBinding[];
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly usageModel: string;
  /** Kept and shown, without effect: there is one place here, beside everything else. */
  readonly placement: Readonly<Record<string, unknown>>;
  /** Kept and shown, without effect: processor time is not limited here. */
  readonly limits: Readonly<Record<string, unknown>>;
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
  /** Kept and shown; nothing here runs them. */
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

/** The number of the version after the newest. */
export const nextVersionNumber = (body: ScriptBody | undefined): number =>
  (body?.versions[0]?.number ?? 0) + 1;

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

export const etagOf = (mainModule: string, modules: readonly VersionModule[]): string =>
  sha256Hex(JSON.stringify([mainModule, modules]));
