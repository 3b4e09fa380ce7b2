import { join } from "node:path";
import { type DriftSettings, readDriftSettings } from "../../drift/settings.ts";
import { SettingsError } from "../../policy/settings.ts";
import type { CliContext } from "../context.ts";
import { UserError } from "../user-error.ts";

/** `drift.yaml` at the project's root, or the file in BULKHEAD_DRIFT_SETTINGS. */
export const driftSettingsFile = ({ root, env }: Pick<CliContext, "root" | "env">): string =>
  env.BULKHEAD_DRIFT_SETTINGS || join(root, "drift.yaml");

/** What `drift.yaml` says. @throws UserError when it is wrong. */
export const driftSettingsOf = (context: Pick<CliContext, "root" | "env">): DriftSettings =>
  asUserError(() => readDriftSettings(driftSettingsFile(context), todayUtc()));

/** ISO date, UTC. */
export const todayUtc = (): string => new Date().toISOString().slice(0, 10);

/** Does what may find a fault in the settings. @throws UserError for a SettingsError. */
export function asUserError<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof SettingsError) throw new UserError(cause.what, cause.remedy, { cause });
    throw cause;
  }
}
