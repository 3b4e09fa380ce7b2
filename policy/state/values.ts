/**
 * Values as a state file holds them.
 * Source: pulumi/pulumi sdk/go/common/resource/sig, pkg/resource/stack (`DeserializePropertyValue`).
 */
import { type FactMap, type FactValue, Secret, UNKNOWN } from "../../isolation/facts.ts";

/** The key under which a special value says what it is. */
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";

/** The signature of a secret. */
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Stands where a value was not known when an operation began. */
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value of a state file, secrets sealed. Assets, archives and references to resources become their fields. */
export function stateValue(value: unknown): FactValue {
  if (value === UNKNOWN_TEXT) return UNKNOWN;
  if (Array.isArray(value)) return value.map(stateValue);
  if (typeof value !== "object" || value === null) return value as FactValue;
  const { [SIGNATURE_KEY]: signature, ...fields } = value as Record<string, unknown>;
  return signature === SECRET ? new Secret(undefined) : stateMap(fields);
}

/** {@link stateValue} for named values; the engine's own (`__defaults`) are left out. */
export function stateMap(values: Readonly<Record<string, unknown>> | null | undefined): FactMap {
  return Object.fromEntries(
    Object.entries(values ?? {})
      .filter(([key]) => !key.startsWith("__"))
      .map(([key, value]) => [key, stateValue(value)]),
  );
}
