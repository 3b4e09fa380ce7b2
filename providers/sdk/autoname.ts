/** Names that a program leaves to Pulumi: the resource's own name and a random end. Pure. */
import { createHash } from "node:crypto";
import type { Properties } from "./properties.ts";
import type { PropertyMap } from "./values.ts";

/** What the engine says about naming, with a check. */
export interface Naming {
  /** Random bytes that stay the same for one resource in one run; none outside of a program. */
  readonly seed: Uint8Array;
  /** The name of the stack's own naming scheme (`pulumi:autonaming`), if it has one. */
  readonly proposed?: string | undefined;
  /** The proposed name is to be taken as it is; `disable` refuses names that are not given. */
  readonly mode: "propose" | "enforce" | "disable";
}

/** Digits of a random end, hexadecimal. */
const RANDOM_DIGITS = 7;

/**
 * Inputs with the names that the program left out: the recorded one, so that a name stays what it
 * is, else a new one like `orders-3f29a1c`.
 */
export function withNames(
  properties: Properties,
  resourceName: string,
  naming: Naming,
  olds: PropertyMap,
  news: PropertyMap,
): PropertyMap {
  const named: Record<string, PropertyMap[string]> = { ...news };
  for (const [name, { autoname }] of Object.entries(properties)) {
    if (autoname === undefined || (named[name] ?? null) !== null) continue;
    const old = olds[name];
    if (old !== undefined) named[name] = old;
    else if (naming.mode !== "disable")
      named[name] = newName(resourceName, naming, autoname.maxLength);
  }
  return named;
}

function newName(resourceName: string, naming: Naming, maxLength: number): string {
  if (naming.proposed) return naming.proposed;
  const random = createHash("sha256").update(naming.seed).digest("hex").slice(0, RANDOM_DIGITS);
  return `${resourceName.slice(0, maxLength - RANDOM_DIGITS - 1)}-${random}`;
}
