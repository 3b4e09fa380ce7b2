/**
 * Property codec: the engine's tagged JSON ⇄ {@link PropertyValue}.
 *
 * The engine marks special values by an object that holds a signature under one well-known key.
 * Source: pulumi/pulumi `sdk/go/common/resource/sig` and `resource/plugin/rpc.go`.
 */
import {
  Asset,
  isMap,
  OutputValue,
  type PropertyMap,
  type PropertyValue,
  ResourceReference,
  Secret,
  UNKNOWN,
  Unknown,
} from "./values.ts";

/** JSON as `google.protobuf.Struct` holds it. */
export type WireValue =
  | null
  | boolean
  | number
  | string
  | readonly WireValue[]
  | { readonly [key: string]: WireValue };

/** A JSON object on the wire. */
export type WireMap = { readonly [key: string]: WireValue };

const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";

/** The unknown that this provider sends; the engine takes it for a value of any type. */
const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Every unknown that an engine may send, one per type of the missing value. */
const UNKNOWNS: ReadonlySet<string> = new Set([
  UNKNOWN_STRING,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Reads one value from the wire. Throws on a signature that this codec does not know. */
export function decode(value: WireValue): PropertyValue {
  if (typeof value === "string") return UNKNOWNS.has(value) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null) return value as PropertyValue;
  const map = value as WireMap;
  const signature = map[SIGNATURE_KEY];
  return signature === undefined ? decodeMap(map) : decodeTagged(signature, map);
}

/** {@link decode} for named properties. */
export function decodeMap(map: WireMap): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, decode(value)]));
}

/** Writes one value to the wire. */
export function encode(value: PropertyValue): WireValue {
  if (value instanceof Unknown) return UNKNOWN_STRING;
  if (value instanceof Secret) return { [SIGNATURE_KEY]: SECRET, value: encode(value.value) };
  if (value instanceof OutputValue) return encodeOutput(value);
  if (value instanceof Asset)
    return {
      [SIGNATURE_KEY]: value.kind === "asset" ? ASSET : ARCHIVE,
      ...encodeMap(value.fields),
    };
  if (value instanceof ResourceReference)
    return { [SIGNATURE_KEY]: RESOURCE, ...encodeMap(value.fields) };
  if (Array.isArray(value)) return value.map(encode);
  if (isMap(value)) return encodeMap(value as PropertyMap);
  return value as WireValue;
}

/** {@link encode} for named properties; a property without a value is left out. */
export function encodeMap(map: { readonly [key: string]: PropertyValue | undefined }): WireMap {
  const result: Record<string, WireValue> = {};
  for (const [key, value] of Object.entries(map))
    if (value !== undefined) result[key] = encode(value);
  return result;
}

function decodeTagged(signature: WireValue, map: WireMap): PropertyValue {
  const { [SIGNATURE_KEY]: _, ...fields } = map;
  switch (signature) {
    case SECRET:
      return new Secret(decode(fields.value ?? null));
    case OUTPUT: {
      const dependencies = Array.isArray(fields.dependencies) ? fields.dependencies : [];
      const value = fields.value === undefined ? undefined : decode(fields.value);
      return new OutputValue(
        value instanceof Unknown ? undefined : value,
        fields.secret === true,
        dependencies.filter((urn) => typeof urn === "string"),
      );
    }
    case ASSET:
      return new Asset("asset", decodeMap(fields));
    case ARCHIVE:
      return new Asset("archive", decodeMap(fields));
    case RESOURCE:
      return new ResourceReference(decodeMap(fields));
    default:
      throw new Error(
        `The Pulumi engine sent a value with the unknown signature ${JSON.stringify(signature)}. Use the Pulumi version that this project pins.`,
      );
  }
}

function encodeOutput(output: OutputValue): WireMap {
  return {
    [SIGNATURE_KEY]: OUTPUT,
    ...(output.value === undefined ? {} : { value: encode(output.value) }),
    ...(output.secret ? { secret: true } : {}),
    ...(output.dependencies.length > 0 ? { dependencies: [...output.dependencies] } : {}),
  };
}
