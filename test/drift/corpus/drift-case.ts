import type { Grade, Kind } from "../../../drift/finding.ts";
import type { Stack, Vendors } from "./vendors.ts";

/** Something that a person does at a vendor, and what must be found of it. */
export interface DriftCase {
  /** What was done: a few words after "somebody …". */
  readonly name: string;
  /** Drifts of one batch are there together; no two of them touch the same property. */
  readonly batch: 1 | 2 | 3;
  /** Where it is done, with the grade that it must get there. */
  readonly on: Partial<Readonly<Record<Stack, Grade>>>;
  /** End of the type token, and the logical name. */
  readonly subject: readonly [type: string, name: string];
  /** Default: `changed`. */
  readonly kind?: Kind;
  /** A property that the finding must name. */
  readonly path?: string | RegExp;
  /** Rules of the policy pack that it must name. */
  readonly rules?: readonly string[];
  /** What else it is found by, as subjects; each may be found or not. */
  readonly echoes?: readonly (readonly [type: string, name: string])[];
  /** Default: `restore`, by `up --refresh`. `accept`: the vendor can only go forward. */
  readonly fix?: "restore" | "accept";
  /** `other`: the clients of the other environment, as a person who mixes the two up has them. */
  readonly make: (vendors: Vendors, other: Vendors) => Promise<unknown>;
  /** What is to be done at the vendor after `up --refresh`, where that does not reach. */
  readonly undo?: (vendors: Vendors) => Promise<unknown>;
}

/** Something that happens at a vendor all the time, and is no drift. */
export interface HarmlessCase {
  readonly name: string;
  readonly make: (vendors: Vendors) => Promise<unknown>;
}
