import type { PlainValue } from "../../../providers/sdk/values.ts";

/** Fields of a request that carries these properties; `fieldOf` says under which name, if under any. */
export function requestFields(
  properties: { readonly [name: string]: PlainValue | undefined },
  fieldOf: (name: string) => string | undefined,
): { [field: string]: PlainValue } {
  const entries = Object.entries(properties).flatMap(([name, value]) => {
    const field = fieldOf(name);
    return field === undefined || value === undefined || value === null
      ? []
      : [[field, value] as const];
  });
  return Object.fromEntries(entries);
}
