import type { Identity } from "../isolation/observation.ts";

/** Kinds that may mean one machine: a variable's name does not always tell what it serves. */
const SAME_MACHINE: readonly (readonly [string, string])[] = [
  ["host:", "server:"],
  ["server:", "host:"],
];

/** An identity and the others that the same thing may go by. */
export function aliasesOf(identity: Identity): readonly Identity[] {
  const others = SAME_MACHINE.flatMap(([kind, other]) =>
    identity.startsWith(kind) ? [other + identity.slice(kind.length)] : [],
  );
  return [identity, ...others];
}
