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
 * backend mean the vendor; else it is the local cloud.
 */
export function chooseCloud(option: CloudKind | undefined, env: NodeJS.ProcessEnv): CloudChoice {
  if (option !== undefined) return { kind: option, because: "--cloud" };
  const requested = env.BULKHEAD_CLOUD;
  if (requested) {
    if (isKind(requested)) return { kind: requested, because: "BULKHEAD_CLOUD" };
    throw new UserError(
      `BULKHEAD_CLOUD is "${requested}", which is no cloud.`,
      `Set it to ${CLOUD_KINDS.join(" or ")}, or unset it.`,
    );
  }
  const sign = Object.keys(env)
    .filter((name) => env[name])
    .find((name) => name === "PULUMI_BACKEND_URL" || /^CLOUDFLARE_API_(TOKEN|KEY)(_|$)/.test(name));
  if (sign !== undefined) return { kind: "vendor", because: `${sign} is set` };
  return { kind: "local", because: "no vendor credentials are set" };
}
