import { randomBytes } from "node:crypto";
import { scramVerifier } from "../../engines/postgres/scram.ts";
import type { Vault } from "../../store/vault.ts";
import type { User } from "./clusters.ts";

const PREFIX = "AVNS_";
const CHARACTERS = 19;

/** A password as the vendor makes them: `AVNS_` and 19 letters, digits, hyphens or underscores. */
export const newPassword = (): string =>
  PREFIX + randomBytes(CHARACTERS).toString("base64url").slice(0, CHARACTERS);

/** A user with a new password. Statements carry the verifier, since a server may log statements. */
export function newUser(vault: Vault, name: string, replication = false): User {
  const password = newPassword();
  return {
    name,
    password: vault.seal(password),
    verifier: vault.seal(scramVerifier(password)),
    replication,
  };
}
