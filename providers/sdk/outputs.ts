/** Outputs: which values a resource shows after an operation, and which of them stay secret. Pure. */
import type { LooseState } from "./definition.ts";
import type { Properties } from "./properties.ts";
import {
  containsSecret,
  equal,
  isEngineKey,
  isMap,
  OutputValue,
  type PropertyMap,
  type PropertyValue,
  reveal,
  Secret,
  UNKNOWN,
} from "./values.ts";

/** Shortest text that is looked for elsewhere, in characters. */
const MIN_SECRET_LENGTH = 4;

/** Folds output values into secrets and unknowns, and drops engine keys and nulls at the top level. */
export function foldMap(map: PropertyMap): PropertyMap {
  const result: Record<string, PropertyValue> = {};
  for (const [key, value] of Object.entries(map))
    if (!isEngineKey(key) && value !== null) result[key] = fold(value);
  return result;
}

function fold(value: PropertyValue): PropertyValue {
  if (value instanceof OutputValue) {
    const inner = value.value === undefined ? UNKNOWN : fold(value.value);
    return value.secret ? new Secret(inner) : inner;
  }
  if (value instanceof Secret) return new Secret(fold(value.value));
  if (Array.isArray(value)) return value.map(fold);
  if (isMap(value))
    return Object.fromEntries(
      Object.entries(value as PropertyMap).map(([key, item]) => [key, fold(item)]),
    );
  return value;
}

/**
 * Wraps plain values as secrets where the table says so or where a value of the same name in `marks`
 * was one. A value that did not change keeps its marks exactly; in one that did, whatever stands
 * where a secret stood or equals one that was there is a secret.
 */
export function markSecrets(
  properties: Properties,
  values: LooseState,
  ...marks: readonly PropertyMap[]
): PropertyMap {
  const result: Record<string, PropertyValue> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null) continue;
    const marked = marks.flatMap((map) => {
      const tagged = map[name];
      return tagged !== undefined && containsSecret(tagged) ? [tagged] : [];
    });
    const unchanged = marked.find((tagged) => equal(reveal(tagged), value));
    if (unchanged !== undefined) result[name] = unchanged;
    else if (properties[name]?.secret) result[name] = new Secret(value);
    else {
      const known = new Set(marked.flatMap(secretTexts));
      result[name] = marked.reduce<PropertyValue>(
        (marking, tagged) => markLike(marking, tagged, known),
        value,
      );
    }
  }
  return result;
}

/** Items that have names are who they are wherever they stand; others go by their place. */
function counterpart(
  item: PropertyValue,
  index: number,
  tagged: readonly PropertyValue[],
): PropertyValue | undefined {
  const name = isMap(item) ? (item as PropertyMap).name : undefined;
  if (typeof name !== "string") return tagged[index];
  return tagged.find((each) => isMap(each) && (each as PropertyMap).name === name);
}

function markLike(
  value: PropertyValue,
  tagged: PropertyValue | undefined,
  known: ReadonlySet<string>,
): PropertyValue {
  if (value instanceof Secret) return value;
  if (tagged instanceof Secret || (typeof value === "string" && known.has(value)))
    return new Secret(value);
  if (Array.isArray(value))
    return value.map((item, index) =>
      markLike(item, Array.isArray(tagged) ? counterpart(item, index, tagged) : undefined, known),
    );
  if (!isMap(value)) return value;
  const before = isMap(tagged) ? (tagged as PropertyMap) : {};
  return Object.fromEntries(
    Object.entries(value as PropertyMap).map(([key, item]) => [
      key,
      markLike(item, before[key], known),
    ]),
  );
}

/** Every text inside the secrets of a value; short ones are left out, as they occur by chance. */
function secretTexts(value: PropertyValue): string[] {
  if (value instanceof Secret) return texts(reveal(value));
  if (Array.isArray(value)) return value.flatMap(secretTexts);
  if (isMap(value)) return Object.values(value as PropertyMap).flatMap(secretTexts);
  return [];
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return value.length >= MIN_SECRET_LENGTH ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isMap(value) ? Object.values(value).flatMap(texts) : [];
}

/** Outputs of a creation that has not happened yet. */
export function previewCreate(properties: Properties, inputs: PropertyMap): PropertyMap {
  const result: Record<string, PropertyValue> = {};
  for (const [name, property] of Object.entries(properties)) {
    const value = inputs[name];
    if (value !== undefined) result[name] = property.secret ? secretOf(value) : value;
    else if (property.mode === "output" || property.mode === "inherited") result[name] = UNKNOWN;
  }
  return result;
}

/** Outputs of an update that has not happened yet. */
export function previewUpdate(
  properties: Properties,
  inputs: PropertyMap,
  state: PropertyMap,
): PropertyMap {
  const result: Record<string, PropertyValue> = {};
  for (const [name, property] of Object.entries(properties)) {
    const known = property.mode === "output" || property.mode === "inherited";
    const value = inputs[name] ?? (known ? state[name] : undefined);
    if (property.volatile) result[name] = UNKNOWN;
    else if (value !== undefined) result[name] = property.secret ? secretOf(value) : value;
  }
  return result;
}

function secretOf(value: PropertyValue): PropertyValue {
  return value instanceof Secret || value === UNKNOWN ? value : new Secret(value);
}
