/** Names that a program gives in part (a prefix) or not at all. Pure. */
import { createHash } from "node:crypto";
import type { CheckFailure } from "../../../providers/sdk/check.ts";
import type { PropertyMap, RevealedMap } from "../../../providers/sdk/values.ts";
import { optional, REPLACE, required } from "./rows.ts";

/** Digits after a prefix, as the official provider has them. */
const PREFIX_DIGITS = 26;
/** How a name ends that was not given as a whole. */
const GENERATED = /[0-9a-f]{7}$/;

/** Row of a name that Pulumi chooses when the program does not. */
export const nameRow = <const X extends object = object>(
  doc: string,
  maxLength: number,
  more?: X,
) => required("string", doc, { ...REPLACE, autoname: { maxLength }, ...more } as const);

/** Row of the prefix of a generated name. */
export const prefixRow = (name: string) =>
  optional("string", `Makes a unique name that begins so. Conflicts with ${name}.`, REPLACE);

/**
 * Makes the generated name fit: in lower case, which most services ask for, and with the prefix, if
 * there is one. A name that the program gives stays as it is.
 */
export function fitName(name: string, prefix?: string): (inputs: PropertyMap) => PropertyMap {
  return (inputs) => {
    const [given, wanted] = [inputs[name], prefix === undefined ? undefined : inputs[prefix]];
    if (typeof given !== "string" || !GENERATED.test(given)) return inputs;
    if (wanted === undefined) return { ...inputs, [name]: given.toLowerCase() };
    // A prefix that is not known yet, or secret, is as unknown as the name that it makes.
    if (typeof wanted !== "string") return { ...inputs, [name]: wanted };
    if (given.startsWith(wanted)) return inputs;
    const digits = createHash("sha256").update(given).digest("hex").slice(0, PREFIX_DIGITS);
    return { ...inputs, [name]: wanted + digits };
  };
}

/** Refuses a whole name together with a prefix. */
export function nameConflicts(inputs: RevealedMap, name: string, prefix: string): CheckFailure[] {
  const [given, wanted] = [inputs[name], inputs[prefix]];
  if (typeof given !== "string" || typeof wanted !== "string") return [];
  if (given.startsWith(wanted) && GENERATED.test(given)) return [];
  return [
    {
      property: prefix,
      reason: `${prefix} and ${name} exclude each other. Leave one of them out.`,
    },
  ];
}
