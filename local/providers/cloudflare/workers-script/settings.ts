/** A Worker's settings: Pulumi's words ⇄ Cloudflare's. Pure. */
import type { ScriptAndVersionSettingGetResponse } from "cloudflare/resources/workers/scripts/script-and-version-settings";
import type { InputsOf, StateOf } from "../../../../providers/sdk/properties.ts";
import type { PlainMap, PlainValue } from "../../../../providers/sdk/values.ts";
import { present } from "../../present.ts";
import type { workersScriptProperties } from "./properties.ts";

type Inputs = InputsOf<typeof workersScriptProperties>;
type State = StateOf<typeof workersScriptProperties>;

/** Upload metadata without the bindings. Source: https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/ */
export function uploadMetadata(inputs: Inputs): PlainMap {
  const { annotations, limits, observability } = inputs;
  const metadata = {
    main_module: inputs.mainModule,
    compatibility_date: inputs.compatibilityDate,
    compatibility_flags: inputs.compatibilityFlags,
    keep_bindings: inputs.keepBindings,
    logpush: inputs.logpush,
    placement: inputs.placement,
    tail_consumers: inputs.tailConsumers,
    usage_model: inputs.usageModel,
    limits: limits && present({ cpu_ms: limits.cpuMs }),
    observability: observability && (snakeKeys(observability as PlainMap) as PlainMap),
    annotations:
      annotations &&
      present({
        "workers/message": annotations.workersMessage,
        "workers/tag": annotations.workersTag,
      }),
  };
  return present(metadata) as PlainMap;
}

/** What the settings endpoint says, as outputs; a setting that it does not report stays unmentioned. */
export function settingsFromApi(
  settings: ScriptAndVersionSettingGetResponse,
  known: Partial<Inputs> | undefined,
): State {
  const { annotations, limits } = settings;
  const observability = settings.observability
    ? (camelKeys(settings.observability as unknown as PlainValue) as Inputs["observability"])
    : undefined;
  const mode =
    settings.placement && "mode" in settings.placement ? settings.placement.mode : undefined;
  const off = observability?.enabled !== true && known?.observability === undefined;
  return {
    compatibilityFlags: settings.compatibility_flags ?? [],
    logpush: settings.logpush ?? false,
    observability: off ? undefined : observability,
    placement: mode === "smart" ? { mode } : undefined,
    tailConsumers: settings.tail_consumers ?? [],
    ...present({
      compatibilityDate: settings.compatibility_date,
      limits: limits?.cpu_ms === undefined ? undefined : { cpuMs: limits.cpu_ms },
      annotations:
        annotations &&
        (present({
          workersMessage: annotations["workers/message"],
          workersTag: annotations["workers/tag"],
          workersTriggeredBy: annotations["workers/triggered_by"],
        }) as State["annotations"]),
    }),
  };
}

function snakeKeys(value: PlainValue): PlainValue {
  return renameKeys(value, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

function camelKeys(value: PlainValue): PlainValue {
  return renameKeys(value, (key) =>
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
}

function renameKeys(value: PlainValue, rename: (key: string) => string): PlainValue {
  if (Array.isArray(value)) return value.map((each) => renameKeys(each, rename));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(entries.map(([key, each]) => [rename(key), renameKeys(each, rename)]));
}
