/** Import ids of the official provider: parts joined by slashes. */
import type { PlainMap } from "../../../providers/sdk/values.ts";

/** Splits `a/b/c` into the named parts; parts after `required` may be missing. Undefined when it does not fit. */
export function splitId<const N extends string>(
  id: string,
  names: readonly N[],
  required = names.length,
): { readonly [K in N]?: string } | undefined {
  const parts = id.split("/");
  if (parts.length < required || parts.length > names.length || parts.some((part) => part === ""))
    return undefined;
  const entries = names.flatMap((name, index) => {
    const part = parts[index];
    return part === undefined ? [] : [[name, part] as const];
  });
  return Object.fromEntries(entries) as { readonly [K in N]?: string };
}

/** The account of a known resource; every definition here requires one. */
export function accountOf(known: { readonly accountId?: string | null | undefined }): {
  account_id: string;
} {
  return { account_id: known.accountId ?? "" };
}

/** Case does not matter to the vendor, which answers location hints in upper case. */
export function lowerCase(value: PlainMap[string]): PlainMap[string] {
  return typeof value === "string" ? value.toLowerCase() : value;
}
