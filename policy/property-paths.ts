import {
  type FactMap,
  type FactValue,
  isFactMap,
  reveal,
  UNKNOWN,
  Unknown,
} from "../isolation/facts.ts";

/** `bindings[2]["a.b"].text` as `bindings`, `2`, `a.b`, `text`. */
export function pathSegments(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)].map(
    ([, index, quoted, plain]) => {
      if (index !== undefined) return Number(index);
      return quoted === undefined ? (plain ?? "") : String(JSON.parse(`"${quoted}"`));
    },
  );
}

/**
 * What stands at a path, without its secret's mark. Unknown where something on the way is unknown
 * or sealed; undefined where nothing is there.
 */
export function valueAt(
  value: FactValue | undefined,
  path: string | readonly (string | number)[],
): FactValue | undefined {
  const [first, ...rest] = typeof path === "string" ? pathSegments(path) : path;
  if (value === undefined || value instanceof Unknown) return value;
  const at = reveal(value);
  if (at === undefined) return UNKNOWN;
  if (first === undefined || at instanceof Unknown) return at;
  if (Array.isArray(at)) return valueAt(at[Number(first)] as FactValue | undefined, rest);
  return isFactMap(at) && Object.hasOwn(at, first) ? valueAt(at[first], rest) : undefined;
}

/** A property as the program asked for it, else as the vendor answered. */
export function propertyOf(
  { inputs, outputs }: { readonly inputs: FactMap; readonly outputs: FactMap },
  path: string | readonly (string | number)[],
): FactValue | undefined {
  return valueAt(inputs, path) ?? valueAt(outputs, path);
}
