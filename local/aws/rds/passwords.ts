import { randomBytes } from "node:crypto";
import { scramVerifier } from "../../engines/postgres/scram.ts";
import type { Sealed } from "../../store/vault.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { invalidValue } from "../protocol/errors.ts";

/** What no client ever gets. */
export const newSuperuserPassword = ({ vault }: VendorContext): Sealed =>
  vault.seal(randomBytes(24).toString("base64url"));

/** What is kept of a master user's password: nothing that it could be told from. Throws the vendor's refusal. */
export function verifierOf({ vault }: VendorContext, password: string): Sealed {
  if (!/^[\x21-\x7e]{8,128}$/.test(password) || /[/'"@]/.test(password)) {
    throw invalidValue(
      "The parameter MasterUserPassword is not a valid password. Only 8 to 128 printable ASCII characters besides '/', '@', '\"', ''', ' ' may be used.",
    );
  }
  return vault.seal(scramVerifier(password));
}
