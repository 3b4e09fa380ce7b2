/** How findings name things. Names, paths and identities only: never a value. */
import { type StackName, stackLabel } from "../isolation/facts.ts";

/** The pseudo-URNs as users know them. */
const PSEUDO: Readonly<Record<string, string>> = {
  config: "the stack's configuration",
  outputs: "the stack's outputs",
};

/** A resource by logical name and type: `qhub (cloudflare:index/d1Database:D1Database)`. */
export function resourceText(urn: string): string {
  const pseudo = PSEUDO[urn];
  if (pseudo !== undefined) return pseudo;
  const [, , types = "", ...name] = urn.split("::");
  return types === "" ? urn : `${name.join("::")} (${types.slice(types.lastIndexOf("$") + 1)})`;
}

/** A resource and a property of it; undefined without either. */
export function placeOf(urn: string | undefined, path: string | undefined): string | undefined {
  if (urn === undefined) return path;
  return path === undefined || path === "" ? resourceText(urn) : `${resourceText(urn)}, ${path}`;
}

/** A place in a stack: `bulkhead/production (qhub (cloudflare:…), id)`. */
export function elsewhere(
  stack: StackName,
  urn: string | undefined,
  path?: string | undefined,
): string {
  const place = placeOf(urn, path);
  return place === undefined ? stackLabel(stack) : `${stackLabel(stack)}, ${place}`;
}

/** `1 stack`, `2 stacks`. */
export const plural = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/** What went wrong, in its own words. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
