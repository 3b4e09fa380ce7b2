/**
 * What is known of a stack, wherever it was learnt: from the engine while it deploys, from the
 * program, or from a state file. Everything in this folder works on these facts alone.
 */

/** A value that must never be shown. Its content is undefined where only the ciphertext is at hand. */
export class Secret {
  readonly value: FactValue | undefined;
  constructor(value: FactValue | undefined) {
    this.value = value;
  }
}

/** A value that is not known before the deployment has run. */
export class Unknown {
  readonly kind = "unknown";
}

/** The only instance of {@link Unknown}. */
export const UNKNOWN = new Unknown();

/** A property's value: JSON, in which secrets and unknowns may occur at any depth. */
export type FactValue =
  | null
  | boolean
  | number
  | string
  | readonly FactValue[]
  | FactMap
  | Secret
  | Unknown;

export interface FactMap {
  readonly [key: string]: FactValue;
}

/** One resource of a stack. */
export interface ResourceFact {
  readonly urn: string;
  /** Type token, for example `cloudflare:index/d1Database:D1Database`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** URN of the parent; undefined for the stack itself. */
  readonly parent?: string | undefined;
  /** False for a component, which groups others and exists nowhere but in the state. */
  readonly custom: boolean;
  /** The vendor's id; undefined while it is not known. */
  readonly id?: string | undefined;
  /** Read and not owned by the stack: `.get`, a stack reference. */
  readonly external: boolean;
  /** What the program asked for. */
  readonly inputs: FactMap;
  /** What the vendor answered; empty before that. */
  readonly outputs: FactMap;
  readonly protect: boolean;
  /** Undefined where the source does not tell. */
  readonly retainOnDelete?: boolean | undefined;
  /** The provider that manages it, with its configuration; undefined for components and providers. */
  readonly provider?: ProviderFact | undefined;
  /**
   * Where the program declares it: files with a line, as `/shop/systems/qhub.ts:17`, the innermost first.
   * Undefined where the source does not tell.
   */
  readonly declaredAt?: readonly string[] | undefined;
}

export interface ProviderFact {
  readonly urn: string;
  /** For example `pulumi:providers:cloudflare`. */
  readonly type: string;
  readonly name: string;
  readonly inputs: FactMap;
}

/** Type of the resource that stands for the stack as a whole. */
export const STACK_TYPE = "pulumi:pulumi:Stack";

/** Type of a resource that reads another stack's outputs. */
export const STACK_REFERENCE_TYPE = "pulumi:pulumi:StackReference";

/** True for a resource that stands for a provider and its credentials. */
export const isProvider = ({ type }: Pick<ResourceFact, "type">): boolean =>
  type.startsWith("pulumi:providers:");

/** How much is settled: values may be unknown in a preview, and secrets are sealed in a state. */
export type Phase = "preview" | "update" | "state";

/** Which stack: three names that no other stack of a backend has together. */
export interface StackName {
  /** Undefined where the backend has no organisations. */
  readonly organization?: string | undefined;
  readonly project: string;
  readonly stack: string;
}

/** A stack as far as it is known. */
export interface StackFacts extends StackName {
  readonly phase: Phase;
  /** By full key, for example `qhub:jwtSecretVersion`; empty where the source does not hold it. */
  readonly config: FactMap;
  /** In the order of registration; without the stack's own root resource. */
  readonly resources: readonly ResourceFact[];
  /** The stack's outputs; empty before the program has ended. */
  readonly outputs: FactMap;
}

/** A scalar inside a value, with the way to it. */
export interface Leaf {
  /** For example `bindings[2].text`; empty for the value itself. */
  readonly path: string;
  /** Undefined: sealed, see {@link Secret}. */
  readonly value: null | boolean | number | string | Unknown | undefined;
  readonly secret: boolean;
  /** Secret only because something around it is: vendors' plugins mark a whole list for one value in it. */
  readonly inherited: boolean;
}

/** True for an object of named values. */
export function isFactMap(value: FactValue | undefined): value is FactMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown)
  );
}

/** Removes a secret's mark; undefined when it is sealed. */
export function reveal(value: FactValue | undefined): FactValue | undefined {
  return value instanceof Secret ? reveal(value.value) : value;
}

/** The value as a text, secret or not; undefined when it is none, is unknown or is sealed. */
export function textOf(value: FactValue | undefined): string | undefined {
  const revealed = reveal(value);
  return typeof revealed === "string" ? revealed : undefined;
}

/** Every scalar inside a value, in order. What lies inside a secret is secret. */
export function* leavesOf(
  value: FactValue | undefined,
  path = "",
  around = false,
): Generator<Leaf, void> {
  const content = value instanceof Secret ? value.value : value;
  const secret = around || value instanceof Secret;
  if (Array.isArray(content)) {
    for (const [index, item] of content.entries())
      yield* leavesOf(item, `${path}[${index}]`, secret);
  } else if (isFactMap(content)) {
    for (const [key, item] of Object.entries(content))
      yield* leavesOf(item, joinPath(path, key), secret);
  } else if (content instanceof Secret) {
    yield* leavesOf(content, path, secret);
  } else if (content !== undefined || secret) {
    const inherited = secret && !(value instanceof Secret);
    yield { path, value: content as Leaf["value"], secret, inherited };
  }
}

/** Pulumi's way to write a property path: `a.b`, `a["b.c"]`. */
export function joinPath(path: string, key: string): string {
  if (!/^[\w$-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** `project/stack`, as messages name a stack. */
export const stackLabel = ({ project, stack }: StackName): string => `${project}/${stack}`;

/** The system that a resource belongs to: the logical name of the scope above it. */
export function systemOf(
  resource: ResourceFact,
  byUrn: ReadonlyMap<string, ResourceFact>,
): string | undefined {
  for (let at: ResourceFact | undefined = resource; at !== undefined; ) {
    if (at.type === SCOPE_TYPE) return at.name;
    at = at.parent === undefined ? undefined : byUrn.get(at.parent);
  }
  return undefined;
}

/** The component that stands for one system in one environment. */
const SCOPE_TYPE = "bulkhead:index:Scope";
