import type { FactMap, ResourceFact } from "../facts.ts";
import type { Identity, ReferenceKind } from "../observation.ts";

/** What a rule may look at besides the value. */
export interface Place {
  readonly resource: ResourceFact;
  /** The vendor's account that the resource is in; undefined where it does not tell. */
  readonly account: string | undefined;
  /** A text or number in the same object as the value. */
  readonly beside: (name: string) => string | undefined;
  /** A text or number of the resource itself, by its path. */
  readonly of: (path: string) => string | undefined;
}

/** Makes the identity of a value; undefined where it names nothing. */
export type Identify = (value: string, place: Place) => Identity | undefined;

/** Where an identity stands, and how to read it. */
export interface Rule {
  /**
   * Path of an input, or where there is none of an output; `*` stands for every item or value. The
   * resource's id is `id`.
   */
  readonly at: string;
  readonly as: Identify;
  /** Values of properties beside it without which the rule says nothing. */
  readonly when?: Readonly<Record<string, string>> | undefined;
}

export interface ReferenceRule extends Rule {
  readonly kind: ReferenceKind;
}

/** How to read resources of one type. */
export interface Extractor {
  /** What the resource is. Default: by its type and id, and by its `arn`. */
  readonly claims?: readonly Rule[];
  /** What it uses. */
  readonly references?: readonly ReferenceRule[];
  /** Paths, as in {@link Rule}, below which texts name nothing of anybody's own. */
  readonly ignore?: readonly string[];
}

/** How to read the resources of one package. */
export interface Vendor {
  /** For resources of every type; claims of the type come instead of these, the rest in addition. */
  readonly every?: Extractor;
  /** By {@link typeKey}; `module/*` is for the types of a module that are not listed. */
  readonly types: Readonly<Record<string, Extractor>>;
}

/** `index/d1Database` of `cloudflare:index/d1Database:D1Database`, `d1:Migrations` of `bulkhead:d1:Migrations`. */
export function typeKey(type: string): string {
  const rest = type.slice(type.indexOf(":") + 1);
  return rest.includes("/") ? rest.replace(/:.*$/, "") : rest;
}

/** A reference by the name that the thing has. */
export function named(at: string, as: Identify): ReferenceRule {
  return { at, as, kind: "name" };
}

/** A reference by the id that the thing has. */
export function byId(at: string, as: Identify): ReferenceRule {
  return { at, as, kind: "id" };
}

/** Where a resource's own properties are, in the order in which they are asked. */
export const propertiesOf = ({ inputs, outputs }: ResourceFact): readonly FactMap[] => [
  inputs,
  outputs,
];
