import { NameTakenError } from "../store/document-store.ts";
import { type ApiError, conflict } from "./envelope.ts";

/** Writes something that has a name, or refuses when the team has another `thing` of that name. */
export function withUniqueName<R>(
  thing: string,
  name: string,
  write: () => R,
  refusal: (message: string) => ApiError = conflict,
): R {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof NameTakenError)) throw error;
    throw refusal(`name: a ${thing} named "${name}" exists already. Choose another name.`);
  }
}
