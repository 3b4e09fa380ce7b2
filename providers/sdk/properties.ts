/** Property tables: one table describes a resource's inputs and outputs for check, diff, preview and schema. */
import type { PlainMap, PlainValue } from "./values.ts";

/** Type of a property. `any` is arbitrary JSON. */
export type PropertyType =
  | "string"
  | "number"
  | "integer"
  | "boolean"
  | "any"
  | { readonly array: PropertyType }
  | { readonly map: PropertyType }
  | { readonly object: Properties };

/**
 * Who decides a property's value.
 * - `required`: the program must.
 * - `optional`: the program may; leaving it out means {@link Property.unset}.
 * - `inherited`: the program may; leaving it out keeps what the vendor has chosen, so taking it out
 *   of a program changes nothing.
 * - `output`: the vendor only.
 */
export type PropertyMode = "required" | "optional" | "inherited" | "output";

/** One row of a property table. */
export interface Property {
  readonly type: PropertyType;
  readonly mode: PropertyMode;
  /** One sentence for the schema. */
  readonly doc: string;
  /** The value is always a secret, whatever it was derived from. */
  readonly secret?: true;
  /** The vendor cannot change it in place: a change replaces the resource. */
  readonly replace?: true;
  /** Output that any update may change: unknown in an update's preview. */
  readonly volatile?: true;
  /**
   * What others change without touching the resource: counters, times, prices, attachments that are
   * resources of their own. A refresh keeps what the last operation has recorded of it, unless the
   * program sets it. The official packages, which read all of it anew, mark a resource as changed
   * then; nothing was done to it, and whoever asks what was changed since the last `up` (the policy
   * pack does) would get the wrong answer.
   */
  readonly incidental?: true;
  /** A change of this input alone is no reason to touch the resource. */
  readonly silent?: true;
  /** What the vendor does when the program leaves the property out. */
  readonly unset?: PlainValue;
  /** The only values that are allowed. */
  readonly values?: readonly string[];
  /** Form in which two values are compared (a location hint is case-insensitive, say). */
  readonly normalize?: (value: PlainValue) => PlainValue;
  /**
   * A name that the program may leave to Pulumi, as the official packages allow it: the resource's name
   * with random digits, of at most so many characters. The property's mode is `required`.
   */
  readonly autoname?: { readonly maxLength: number };
  /** Why not to use it any more. */
  readonly deprecated?: string;
}

/** A property table by property name. */
export type Properties = { readonly [name: string]: Property };

/** TypeScript type of a value of a property type. */
export type ValueOf<T extends PropertyType> = T extends "string"
  ? string
  : T extends "number" | "integer"
    ? number
    : T extends "boolean"
      ? boolean
      : T extends "any"
        ? PlainValue
        : T extends { readonly array: infer E extends PropertyType }
          ? readonly ValueOf<E>[]
          : T extends { readonly map: infer E extends PropertyType }
            ? { readonly [key: string]: ValueOf<E> }
            : T extends { readonly object: infer O extends Properties }
              ? InputsOf<O>
              : never;

type KeysOfMode<P extends Properties, M extends PropertyMode> = {
  [K in keyof P]: P[K]["mode"] extends M ? K : never;
}[keyof P];

/** What a definition is given: required inputs are there, the others may be missing. */
export type InputsOf<P extends Properties> = {
  readonly [K in KeysOfMode<P, "required">]: ValueOf<P[K]["type"]>;
} & {
  readonly [K in KeysOfMode<P, "optional" | "inherited">]?: ValueOf<P[K]["type"]> | undefined;
};

/**
 * What a definition reports of a live resource. A property left out is not reported by the vendor
 * and keeps its known value; `null` or `undefined` under its key says that the vendor has none.
 */
export type StateOf<P extends Properties> = {
  readonly [K in keyof P]?: ValueOf<P[K]["type"]> | null | undefined;
};

/** Names of the properties that a program may set, in the table's order. */
export function inputNames(properties: Properties): string[] {
  return Object.keys(properties).filter((name) => properties[name]?.mode !== "output");
}

/** Name of a type for messages, such as `a list of string`. */
export function describeType(type: PropertyType): string {
  if (type === "any") return "any JSON value";
  if (typeof type === "string") return type === "integer" ? "a whole number" : `a ${type}`;
  if ("array" in type) return `a list (each ${describeType(type.array)})`;
  if ("map" in type) return `an object (each value ${describeType(type.map)})`;
  return "an object";
}

/** Spells one step of a property path: `a.b`, `a[0]`, `a["x.y"]`. */
export function childPath(path: string, step: string | number): string {
  if (typeof step === "number") return `${path}[${step}]`;
  if (!/^[A-Za-z_$][\w$]*$/.test(step)) return `${path}[${JSON.stringify(step)}]`;
  return path === "" ? step : `${path}.${step}`;
}

/** Type guard for a plain JSON object. */
export function isPlainMap(value: PlainValue | undefined): value is PlainMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
