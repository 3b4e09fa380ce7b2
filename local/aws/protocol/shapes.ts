/**
 * The shapes of requests and answers, read from the vendor's own client packages, so that every name of every
 * parameter and element is theirs. A package exports each operation as a tuple of tuples.
 * @see `StaticSchema` and `$SchemaRef` in `@smithy/types`
 */

export type Shape = TextShape | ListShape | StructureShape;

interface TextShape {
  readonly kind: "text" | "number" | "boolean" | "time";
}

interface ListShape {
  readonly kind: "list";
  readonly item: Shape;
  /** The name of an item's element, `member` unless the vendor gives one. */
  readonly itemName: string;
}

export interface StructureShape {
  readonly kind: "structure";
  /** Read when first asked for, since structures may contain themselves. */
  readonly members: () => readonly Member[];
}

export interface Member {
  /** What clients call it in code. */
  readonly name: string;
  /** What EC2's requests call it. */
  readonly ec2Parameter: string;
  /** What answers and all other requests call it. */
  readonly element: string;
  readonly shape: Shape;
}

/** What one operation takes and answers. */
export interface OperationShapes {
  readonly input: StructureShape;
  readonly output: StructureShape;
}

const ID = { simple: 0, list: 1, map: 2, structure: 3, operation: 9 } as const;
const SIMPLE: Readonly<Record<number, TextShape["kind"]>> = {
  0: "text",
  1: "number",
  2: "boolean",
  4: "time",
  5: "time",
};
/** In a number, this bit says that it is a list of what the other bits say. */
const LIST_BIT = 64;
const NOTHING: StructureShape = { kind: "structure", members: () => [] };

/** The shapes of `action` in the exports of a client package; undefined when the vendor has no such action. */
export function operationShapes(
  exports: Readonly<Record<string, unknown>>,
  action: string,
): OperationShapes | undefined {
  const operation = exports[`${action}$`];
  if (!Array.isArray(operation) || operation[0] !== ID.operation) return undefined;
  return { input: structureOf(operation[4]), output: structureOf(operation[5]) };
}

function structureOf(reference: unknown): StructureShape {
  const { shape } = resolve(reference);
  return shape.kind === "structure" ? shape : NOTHING;
}

const known = new WeakMap<readonly unknown[], Shape>();

/** Follows a reference to its shape, collecting the traits on the way. */
function resolve(reference: unknown): { shape: Shape; traits: Readonly<Record<string, unknown>> } {
  if (typeof reference === "function") return resolve(reference());
  if (typeof reference === "number") return { shape: simple(reference), traits: {} };
  if (!Array.isArray(reference)) return { shape: NOTHING, traits: {} };
  if (typeof reference[0] !== "number" || reference.length === 2) {
    const { shape, traits } = resolve(reference[0]);
    return { shape, traits: { ...traits, ...(isTraits(reference[1]) ? reference[1] : {}) } };
  }
  const shape = known.get(reference) ?? read(reference);
  known.set(reference, shape);
  return { shape, traits: {} };
}

function read(tuple: readonly unknown[]): Shape {
  switch (tuple[0]) {
    case ID.simple:
      return resolve(tuple[4]).shape;
    case ID.list:
      return listOf(tuple[4]);
    case ID.structure: {
      let members: readonly Member[] | undefined;
      return {
        kind: "structure",
        members: () => {
          members ??= membersOf(tuple);
          return members;
        },
      };
    }
    default:
      throw new Error(`A shape of the vendor's has the unexpected form ${tuple[0]}.`);
  }
}

function membersOf([, , , , names, references]: readonly unknown[]): Member[] {
  if (!Array.isArray(names) || !Array.isArray(references)) return [];
  return names.map((name: string, index) => {
    const { shape, traits } = resolve(references[index]);
    const element = text(traits.xmlName) ?? name;
    return {
      name,
      element,
      ec2Parameter:
        text(traits.ec2QueryName) ?? element.slice(0, 1).toUpperCase() + element.slice(1),
      shape,
    };
  });
}

function listOf(reference: unknown): ListShape {
  const { shape, traits } = resolve(reference);
  return { kind: "list", item: shape, itemName: text(traits.xmlName) ?? "member" };
}

function simple(sentinel: number): Shape {
  if ((sentinel & LIST_BIT) !== 0) return listOf(sentinel & ~LIST_BIT);
  const kind = SIMPLE[sentinel];
  // What none of the served operations uses, such as binary data, is passed on as text.
  return { kind: kind ?? "text" };
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const isTraits = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
