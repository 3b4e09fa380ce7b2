/** An estate as its programs declare it: what `pulumi up` would be told, for several stacks. */
import type { Tier } from "../../../components/tier.ts";
import type { FactValue, Secret } from "../../../isolation/facts.ts";
import type { Manifest } from "../../../isolation/manifest/index.ts";
import type { PolicySettings } from "../../../policy/settings.ts";

/** A value that one resource takes from others. It is unknown until those exist. */
export class Derived {
  readonly from: readonly { readonly key: string; readonly path: string }[];
  readonly make: (...values: string[]) => string;

  constructor(
    from: readonly { readonly key: string; readonly path: string }[],
    make: (...values: string[]) => string,
  ) {
    this.from = from;
    this.make = make;
  }
}

/** An output of another resource as it is. */
export const output = (key: string, path: string): Derived =>
  new Derived([{ key, path }], (value) => value);

/** A value of a program: a fact, in which outputs of other resources may occur. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Derived
  | Secret
  | readonly Value[]
  | { readonly [key: string]: Value };

export type Values = Record<string, Value>;

/** One declared resource. */
export interface ResourceSpec {
  /** How other resources and changes find it. */
  readonly key: string;
  type: string;
  name: string;
  /** Key of the component above. */
  parent?: string;
  custom: boolean;
  external: boolean;
  inputs: Values;
  /** What the vendor adds to the inputs. */
  answer: Record<string, FactValue>;
  /** What the vendor calls it. */
  id?: string;
  protect: boolean;
  retainOnDelete: boolean;
  /** Key of its provider. */
  provider?: string;
}

/** One stack of the estate. */
export interface StackSpec {
  project: string;
  stack: string;
  tier: Tier;
  config: Record<string, FactValue>;
  resources: ResourceSpec[];
  outputs: Values;
  /** Whether the backend knows it as deployed, empty or unreadable. */
  status: "deployed" | "empty" | "unreadable";
  /** Keys of resources that an earlier update has made; what they answer is known in a preview. */
  made: Set<string>;
}

/** What a change may change. */
export interface Estate {
  stacks: StackSpec[];
  settings: PolicySettings;
  /** ISO date. */
  today: string;
  /** What the subject exports in place of its manifest. Default: the manifest itself. */
  exported: (manifest: Manifest) => unknown;
}

/** The stack of that name. */
export function stackOf(estate: Estate, stack: string): StackSpec {
  const found = estate.stacks.find((each) => each.stack === stack);
  if (found === undefined) throw new Error(`The estate has no stack ${stack}.`);
  return found;
}

/** The resource of that key in a stack. */
export function resourceOf(estate: Estate, stack: string, key: string): ResourceSpec {
  const found = stackOf(estate, stack).resources.find((each) => each.key === key);
  if (found === undefined) throw new Error(`The stack ${stack} has no resource ${key}.`);
  return found;
}

/** Declares one more resource. */
export function add(
  stack: StackSpec,
  spec: Pick<ResourceSpec, "key" | "type" | "name"> & Partial<ResourceSpec>,
): ResourceSpec {
  const resource: ResourceSpec = {
    custom: true,
    external: false,
    inputs: {},
    answer: {},
    protect: false,
    retainOnDelete: false,
    ...spec,
  };
  stack.resources.push(resource);
  return resource;
}
