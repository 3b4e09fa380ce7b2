/** Short ways to write the rows of property tables, with their literal types kept. */
import type { Property, PropertyMode, PropertyType } from "../../../providers/sdk/properties.ts";

type More = Omit<Partial<Property>, "type" | "mode" | "doc">;
type Row<T extends PropertyType, M extends PropertyMode, X> = {
  readonly type: T;
  readonly mode: M;
  readonly doc: string;
} & X;

function rowOf<M extends PropertyMode>(mode: M) {
  return <const T extends PropertyType, const X extends More = object>(
    type: T,
    doc: string,
    more?: X,
    // What a row is part of must not widen its type.
  ): Row<NoInfer<T>, M, NoInfer<X>> => ({ type, mode, doc, ...more }) as Row<T, M, X>;
}

/** The program must give it. */
export const required = rowOf("required");
/** The program may give it; leaving it out means its `unset` value. */
export const optional = rowOf("optional");
/** The program may give it; leaving it out keeps what the vendor has. */
export const inherited = rowOf("inherited");
/** The vendor gives it. */
export const output = rowOf("output");

/** A change replaces the resource. */
export const REPLACE = { replace: true } as const;
