import type { Vendor } from "./table.ts";

/**
 * @pulumi/random: values, which exist nowhere but in the state. A result is no id of anything, and
 * is often used as a secret.
 */
export const RANDOM: Vendor = {
  every: {
    claims: [],
    ignore: ["id", "result", "results", "hex", "dec", "b64Std", "b64Url"],
  },
  types: {},
};
