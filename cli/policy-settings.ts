import { join } from "node:path";
import { type PolicySettings, readSettings, SettingsError } from "../policy/settings.ts";
import type { CliContext } from "./context.ts";
import { UserError } from "./user-error.ts";

/** What `policy/settings.yaml`, or the file in BULKHEAD_POLICY_SETTINGS, says. @throws UserError */
export function readPolicySettings({
  root,
  env,
}: Pick<CliContext, "root" | "env">): PolicySettings {
  try {
    return readSettings(env.BULKHEAD_POLICY_SETTINGS || join(root, "policy", "settings.yaml"));
  } catch (cause) {
    if (cause instanceof SettingsError) throw new UserError(cause.what, cause.remedy, { cause });
    throw cause;
  }
}
