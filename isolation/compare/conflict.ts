import type { StackName } from "../facts.ts";
import type { Manifest } from "../manifest/index.ts";
import type { Identity } from "../observation.ts";

/** A stack with its manifest. */
export interface ManifestSource {
  readonly stack: StackName;
  /** Gives the manifest, again whenever it is asked. */
  readonly load: () => Manifest;
}

/**
 * What stacks have in common: a thing that two own (`claim`), a thing that one uses and only another
 * owns (`foreign-reference`), a thing that several use and none owns (`shared-reference`), a value
 * (`secret`); or why their secrets could not be compared (`salt`).
 */
export type ConflictKind = "claim" | "foreign-reference" | "shared-reference" | "secret" | "salt";

/** One stack's part in a conflict. */
export interface Side {
  readonly stack: StackName;
  readonly role: "owner" | "user" | "holder";
  /** Undefined for the stack as a whole. */
  readonly urn?: string | undefined;
  /** Undefined for a resource as a whole. */
  readonly path?: string | undefined;
}

export interface Conflict {
  readonly kind: ConflictKind;
  /** Undefined for secrets and salts. */
  readonly identity?: Identity | undefined;
  /** All of them, of two stacks at least, in one order whatever order the stacks came in. */
  readonly sides: readonly Side[];
}
