import { invalidValue, refusal } from "./errors.ts";
import type { Member, Shape, StructureShape } from "./shapes.ts";

/** `query`: RDS, ElastiCache, STS. `ec2`: the same with lists flattened and other names. */
export type Protocol = "query" | "ec2";

/** Parameters by their dotted names: `Tags.Tag.1.Key` is the value four levels down. */
interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

/**
 * The request as clients' code has it, from the parameters of its form. Throws the vendor's refusal of
 * what the operation's shape does not have.
 */
export function parseParameters(
  parameters: Iterable<readonly [string, string]>,
  shape: StructureShape,
  protocol: Protocol,
): unknown {
  const root: Node = { children: new Map() };
  for (const [name, value] of parameters) place(root, name, value);
  return read(root, shape, "", protocol);
}

function place(root: Node, name: string, value: string): void {
  let node = root;
  for (const part of name.split(".")) {
    const next = node.children.get(part) ?? { children: new Map() };
    node.children.set(part, next);
    node = next;
  }
  if (node.value !== undefined) throw invalidValue(`The parameter ${name} is given twice.`);
  node.value = value;
}

function read(node: Node, shape: Shape, path: string, protocol: Protocol): unknown {
  if (shape.kind === "structure") return readStructure(node, shape, path, protocol);
  if (shape.kind === "list") {
    return itemsOf(node, shape.itemName, path, protocol).map(([index, item]) =>
      read(item, shape.item, join(path, index), protocol),
    );
  }
  const [unknown] = node.children.keys();
  if (unknown !== undefined) throw unknownParameter(join(path, unknown));
  return READERS[shape.kind](node.value ?? "", path);
}

function readStructure(
  node: Node,
  shape: StructureShape,
  path: string,
  protocol: Protocol,
): Record<string, unknown> {
  const members = new Map(shape.members().map((member) => [keyOf(member, protocol), member]));
  const structure: Record<string, unknown> = {};
  for (const [name, child] of node.children) {
    const member = members.get(name);
    if (member === undefined) throw unknownParameter(join(path, name));
    structure[member.name] = read(child, member.shape, join(path, name), protocol);
  }
  return structure;
}

/** In the order of their numbers. An empty list is sent as an empty value. */
function itemsOf(node: Node, itemName: string, path: string, protocol: Protocol): [string, Node][] {
  const isFlat = protocol === "ec2";
  const items = isFlat ? node : (node.children.get(itemName) ?? node.children.get("member"));
  const unknown = [...node.children.keys()].find((name) =>
    isFlat ? !/^[1-9]\d{0,4}$/.test(name) : name !== itemName && name !== "member",
  );
  if (unknown !== undefined) throw unknownParameter(join(path, unknown));
  return [...(items?.children ?? [])].sort(([a], [b]) => Number(a) - Number(b));
}

const READERS: Readonly<
  Record<Exclude<Shape["kind"], "list" | "structure">, (value: string, path: string) => unknown>
> = {
  text: (value) => value,
  number: (value, path) => {
    const number = Number(value);
    if (value.trim() === "" || !Number.isFinite(number)) {
      throw invalidValue(`The parameter ${path} must be a number.`);
    }
    return number;
  },
  boolean: (value, path) => {
    if (!/^(true|false)$/i.test(value)) {
      throw invalidValue(`The parameter ${path} must be true or false.`);
    }
    return /^true$/i.test(value);
  },
  time: (value, path) => {
    if (Number.isNaN(Date.parse(value))) {
      throw invalidValue(`The parameter ${path} must be a time as in ISO 8601.`);
    }
    return new Date(value);
  },
};

const keyOf = ({ ec2Parameter, element }: Member, protocol: Protocol): string =>
  protocol === "ec2" ? ec2Parameter : element;

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

const unknownParameter = (name: string) =>
  refusal("UnknownParameter", `The parameter ${name} is not recognized.`);
