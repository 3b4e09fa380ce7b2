/** Which resource a request is about. */

/** A resource by its URN. */
export interface Target {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

/** Parses a URN: `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`. */
export function parseUrn(urn: string): Target {
  const [, , qualified = "", ...rest] = urn.split("::");
  return { urn, type: qualified.split("$").at(-1) ?? "", name: rest.join("::") };
}
