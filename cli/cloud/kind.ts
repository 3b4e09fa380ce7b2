import { pulumiPaths } from "../environment.ts";
import { UserError } from "../user-error.ts";

export const CLOUD_KINDS = ["local", "vendor"] as const;
export type CloudKind = (typeof CLOUD_KINDS)[number];

export interface CloudChoice {
  readonly kind: CloudKind;
  /** Why, for the line that is shown before anything is changed. */
  readonly because: string;
}

const isKind = (text: string): text is CloudKind => CLOUD_KINDS.some((kind) => kind === text);

/**
 * Which cloud a command is for. An explicit choice wins; else the user's own credentials or
 * backend mean the vendor; else it is the local cloud. What `local env` has left in a shell is
 * nobody's own.
 */
export function chooseCloud(
  option: CloudKind | undefined,
  env: NodeJS.ProcessEnv,
  stateDir: string,
): CloudChoice {
  if (option !== undefined) return { kind: option, because: "--cloud" };
  const requested = env.BULKHEAD_CLOUD;
  if (requested) {
    if (isKind(requested)) return { kind: requested, because: "BULKHEAD_CLOUD" };
    throw new UserError(
      `BULKHEAD_CLOUD is "${requested}", which is no cloud.`,
      `Set it to ${CLOUD_KINDS.join(" or ")}, or unset it.`,
    );
  }
  const leftover = localVariable(env, stateDir);
  if (leftover !== undefined) return { kind: "local", because: `${leftover} is the local cloud's` };
  const sign = Object.keys(env)
    .filter((name) => env[name])
    .find((name) => name === "PULUMI_BACKEND_URL" || /^CLOUDFLARE_API_(TOKEN|KEY)(_|$)/.test(name));
  if (sign !== undefined) return { kind: "vendor", because: `${sign} is set` };
  return { kind: "local", because: "no vendor credentials are set" };
}

/** A variable by which this shell reaches the local cloud; undefined when there is none. */
export function localVariable(env: NodeJS.ProcessEnv, stateDir: string): string | undefined {
  const api = ["CLOUDFLARE_BASE_URL", "CLOUDFLARE_API_BASE_URL"].find((name) =>
    isLoopback(env[name]),
  );
  const backend = env.PULUMI_BACKEND_URL === `file://${pulumiPaths(stateDir).backend}`;
  return api ?? (backend ? "PULUMI_BACKEND_URL" : undefined);
}

function isLoopback(url: string | undefined): boolean {
  if (!url || !URL.canParse(url)) return false;
  return /^(127\.[\d.]+|\[::1\]|(.+\.)?localhost)$/.test(new URL(url).hostname);
}
