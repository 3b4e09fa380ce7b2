import type { ResourceFact } from "./facts.ts";

/**
 * Names one thing at a vendor, so that two spellings of it are one text: `kind:canonical`, for
 * example `id:0b1f…`, `r2:<account>/<bucket>`, `server:db.example.com`. The kinds are listed in
 * `identity/kinds.ts`.
 */
export type Identity = string;

/** A thing that a stack owns. */
export interface Claim {
  readonly identity: Identity;
  readonly urn: string;
  /** Where it stands: a property path, or `id`. */
  readonly path: string;
}

/** How a stack names something that it uses. */
export type ReferenceKind =
  | "binding"
  | "url"
  | "name"
  | "id"
  | "read"
  | "import"
  | "stack-reference"
  | "account";

/** A thing that a stack uses, its own or another's. */
export interface Reference {
  readonly identity: Identity;
  readonly urn: string;
  readonly path: string;
  readonly kind: ReferenceKind;
}

/** A secret value in a resource, a config key or an output; never the value itself. */
export interface SecretFact {
  /** The resource; for a config key `config`, for a stack output `outputs`. */
  readonly urn: string;
  readonly path: string;
  /** Of the value, its disguises and its parts. Empty while the value is not known. */
  readonly fingerprints: readonly string[];
  /** {@link fingerprints} of each secret in the value by itself; absent where only a manifest tells of it. */
  readonly parts?: readonly (readonly string[])[];
  /** Characters; undefined while the value is not known or sealed. */
  readonly length: number | undefined;
  /** Bits of entropy, estimated from below; undefined while the value is not known or sealed. */
  readonly bits: number | undefined;
}

/** A text that anybody with access to the resource can read. */
export interface TextFact {
  readonly urn: string;
  readonly path: string;
  readonly text: string;
}

/** All that the rules look at in one resource. */
export interface Observation {
  readonly resource: ResourceFact;
  /** Logical name of the scope above it. */
  readonly system: string | undefined;
  readonly claims: readonly Claim[];
  readonly references: readonly Reference[];
  readonly secrets: readonly SecretFact[];
  readonly texts: readonly TextFact[];
  /** Paths whose value is not known yet and could hold a claim, a reference or a secret. */
  readonly unknown: readonly string[];
}
