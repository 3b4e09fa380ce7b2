import { z } from "zod";
import type { EngineSlug } from "./catalogue.ts";
import { POSTGRES_SETTINGS } from "./postgres-settings.ts";
import type { Settings } from "./setting.ts";
import { VALKEY_SETTINGS } from "./valkey-settings.ts";

/** The advanced settings that each engine takes. */
const SETTINGS: Readonly<Record<EngineSlug, Settings>> = {
  pg: POSTGRES_SETTINGS,
  valkey: VALKEY_SETTINGS,
};

/** Settings of other engines that the vendor's own client sends with each request, at these values. */
const FOREIGN = {
  default_read_concern: z.literal("local").optional(),
  default_write_concern: z.literal("majority").optional(),
  log_output: z.literal("NONE").optional(),
  script_max_compilations_rate: z.literal("use-context").optional(),
};

const bodyFor = (settings: Settings) =>
  z.strictObject({
    config: z
      .strictObject({
        ...Object.fromEntries(
          Object.entries(settings).map(([name, { schema }]) => [name, schema.optional()]),
        ),
        ...FOREIGN,
      })
      .transform(
        (config): Record<string, unknown> =>
          Object.fromEntries(Object.entries(config).filter(([name]) => name in settings)),
      ),
  });

/** The body of `PATCH …/config`. A setting that is not in the engine's table is refused. */
export const configurationBody = {
  pg: bodyFor(POSTGRES_SETTINGS),
  valkey: bodyFor(VALKEY_SETTINGS),
};

/** What was changed, as lines of the server's configuration. */
export const settingLines = (
  settings: Settings,
  changed: Readonly<Record<string, unknown>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(changed).map(([name, value]) => {
      const setting = settings[name];
      if (setting === undefined) throw new Error(`There is no setting ${name}.`);
      return [setting.parameter, setting.toText(value)];
    }),
  );

/** Every setting with the value that it has. */
export const describeSettings = (
  engine: EngineSlug,
  changed: Readonly<Record<string, unknown>>,
): Record<string, unknown> => ({
  ...Object.fromEntries(
    Object.entries(SETTINGS[engine]).map(([name, { fallback }]) => [name, fallback]),
  ),
  ...changed,
});
