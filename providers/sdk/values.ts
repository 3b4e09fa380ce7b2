/**
 * The values that travel between the Pulumi engine and a provider.
 *
 * A property is plain JSON, or one of the tagged values below. The tags are classes, so that a plain
 * object that happens to look like one is never mistaken for it inside the provider.
 */

/** JSON without tags: what a vendor's API is given and gives back. */
export type PlainValue =
  | null
  | boolean
  | number
  | string
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** A plain object of named properties. */
export type PlainMap = { readonly [key: string]: PlainValue };

/** A value that must never be shown or stored in plaintext. */
export class Secret {
  readonly value: PropertyValue;
  constructor(value: PropertyValue) {
    this.value = value;
  }
}

/** A value that is not known before the deployment has run. */
export class Unknown {
  toString(): string {
    return "<computed>";
  }
}

/** The only instance of {@link Unknown}. */
export const UNKNOWN = new Unknown();

/** An output with its flags: unknown when it has no value, with the URNs that it depends on. */
export class OutputValue {
  readonly value: PropertyValue | undefined;
  readonly secret: boolean;
  readonly dependencies: readonly string[];
  constructor(
    value: PropertyValue | undefined,
    secret: boolean,
    dependencies: readonly string[] = [],
  ) {
    this.value = value;
    this.secret = secret;
    this.dependencies = dependencies;
  }
}

/** An asset or archive, kept exactly as the engine describes it (text, path or URI, and its hash). */
export class Asset {
  readonly kind: "asset" | "archive";
  readonly fields: PropertyMap;
  constructor(kind: "asset" | "archive", fields: PropertyMap) {
    this.kind = kind;
    this.fields = fields;
  }
}

/** A reference to another resource. */
export class ResourceReference {
  readonly fields: PropertyMap;
  constructor(fields: PropertyMap) {
    this.fields = fields;
  }
}

/** Any property value, tagged or plain. */
export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | readonly PropertyValue[]
  | PropertyMap
  | Secret
  | Unknown
  | OutputValue
  | Asset
  | ResourceReference;

/** Named property values. */
export interface PropertyMap {
  readonly [key: string]: PropertyValue;
}

/** A value without secret tags: plain JSON in which {@link UNKNOWN}, assets and references may occur. */
export type RevealedValue =
  | null
  | boolean
  | number
  | string
  | readonly RevealedValue[]
  | RevealedMap
  | Unknown
  | Asset
  | ResourceReference;

/** Named values without secret tags. */
export interface RevealedMap {
  readonly [key: string]: RevealedValue;
}

/** True for an object of named values, false for tags, arrays and scalars. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown) &&
    !(value instanceof OutputValue) &&
    !(value instanceof Asset) &&
    !(value instanceof ResourceReference)
  );
}

/** True for the engine's own keys (`__defaults`, `__internal`, `__meta`), which no vendor knows. */
export function isEngineKey(key: string): boolean {
  return key.startsWith("__");
}

/** Removes secret tags and folds output values; an unknown stays {@link UNKNOWN}. */
export function reveal(value: PropertyValue): RevealedValue {
  if (value instanceof Secret) return reveal(value.value);
  if (value instanceof OutputValue)
    return value.value === undefined ? UNKNOWN : reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (isMap(value)) return revealMap(value as PropertyMap);
  return value as RevealedValue;
}

/** {@link reveal} for named values; the engine's own keys and nulls are left out. */
export function revealMap(map: PropertyMap): RevealedMap {
  const result: Record<string, RevealedValue> = {};
  for (const [key, value] of Object.entries(map)) {
    if (isEngineKey(key)) continue;
    const revealed = reveal(value);
    if (revealed !== null) result[key] = revealed;
  }
  return result;
}

/** True when the value is, or has inside it, a secret. */
export function containsSecret(value: PropertyValue | undefined): boolean {
  if (value instanceof Secret) return true;
  if (value instanceof OutputValue)
    return value.secret || (value.value !== undefined && containsSecret(value.value));
  if (Array.isArray(value)) return value.some(containsSecret);
  if (isMap(value)) return Object.values(value as PropertyMap).some(containsSecret);
  return false;
}

/** True when the value is, or has inside it, an unknown. */
export function containsUnknown(value: RevealedValue | undefined): boolean {
  if (value instanceof Unknown) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (isMap(value)) return Object.values(value as RevealedMap).some(containsUnknown);
  return false;
}

/** Structural equality of two revealed values; an unknown equals nothing, itself included. */
export function equal(left: RevealedValue | undefined, right: RevealedValue | undefined): boolean {
  if (left instanceof Unknown || right instanceof Unknown) return false;
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((item, index) => equal(item, right[index]));
  if (left instanceof Asset && right instanceof Asset)
    return left.kind === right.kind && equal(revealMap(left.fields), revealMap(right.fields));
  if (isMap(left) && isMap(right)) {
    const a = left as RevealedMap;
    const b = right as RevealedMap;
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => equal(a[key], b[key]));
  }
  return left === right;
}
