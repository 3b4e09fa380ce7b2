/** What two environments of a product must have in common, and how they differ. */
import { tokensOf } from "../components/naming.ts";
import { type Tier, tiersSpelledBy } from "../components/tier.ts";
import {
  type FactValue,
  isFactMap,
  isProvider,
  type ResourceFact,
  Unknown,
} from "../isolation/facts.ts";
import { isGenerator } from "./generators.ts";
import { propertyOf } from "./property-paths.ts";
import type { Sibling } from "./rule.ts";
import {
  D1_MIGRATIONS,
  DIGITALOCEAN_DATABASE,
  ELASTICACHE_CLUSTER,
  ELASTICACHE_GROUP,
  RDS_CLUSTER,
  RDS_INSTANCE,
  WORKER,
} from "./vendor-types.ts";

/** The order in which a release goes through the environments. */
const PROMOTION: readonly Tier[] = ["development", "staging", "production"];

const ENGINE = ["engine", "engineVersion"];

/** Properties that decide how a resource behaves, by its type. */
const COMPARED: Readonly<Record<string, readonly string[]>> = {
  [WORKER]: ["compatibilityDate", "compatibilityFlags"],
  [DIGITALOCEAN_DATABASE]: ["engine", "version"],
  [RDS_INSTANCE]: ENGINE,
  [RDS_CLUSTER]: ENGINE,
  [ELASTICACHE_GROUP]: ENGINE,
  [ELASTICACHE_CLUSTER]: ENGINE,
  "random:index/randomPassword:RandomPassword": ["length"],
};

/** Lists whose items are compared one by one: by the name of each, what must be equal. */
const LISTS: Readonly<Record<string, { list: string; item: string; value: string }>> = {
  [WORKER]: { list: "bindings", item: "binding", value: "type" },
  [D1_MIGRATIONS]: { list: "files", item: "migration", value: "sha256" },
};

/** Something that an environment has, and that the next one must have too. */
export interface Aspect {
  readonly urn: string;
  readonly path: string | undefined;
  /** For people: `the binding DB of qhub-api`. */
  readonly what: string;
  /** Empty where it is enough that it exists. */
  readonly value: string | Unknown;
  /** The key of what it is part of. */
  readonly within: string | undefined;
}

/** Aspects by a key that is the same in every environment. */
export type Aspects = ReadonlyMap<string, Aspect>;

/** The stack that a release comes from: of the same project, one tier before; undefined without one. */
export function predecessorOf(
  subject: { readonly project: string; readonly stack: string },
  tier: Tier,
  siblings: readonly Sibling[],
): Sibling | undefined {
  const before = PROMOTION[PROMOTION.indexOf(tier) - 1];
  const candidates = siblings
    .filter((each) => each.name.project === subject.project && each.tier === before && each.facts)
    .sort((a, b) => (a.name.stack < b.name.stack ? -1 : 1));
  const kin = neutral(subject.stack, []);
  return candidates.find(({ name }) => neutral(name.stack, []) === kin) ?? candidates[0];
}

/** Everything about a stack that is compared. */
export function aspectsOf(stack: string, resources: readonly ResourceFact[]): Aspects {
  const aspects = new Map<string, Aspect>();
  const keys = new Map<string, string>();
  for (const resource of resources) {
    if (resource.external || isProvider(resource)) continue;
    const { urn, type, parent } = resource;
    const name = neutral(resource.name, tokensOf(stack)).replace(
      isGenerator(resource) ? /-v\d+$/ : /$^/,
      "",
    );
    const key = `${type} ${name}`;
    keys.set(urn, key);
    const what = `${name} (${type})`;
    const within = parent === undefined ? undefined : keys.get(parent);
    if (aspects.has(key)) continue;
    aspects.set(key, { urn, path: undefined, what, value: "", within });
    for (const [part, aspect] of partsOf(resource, name, key))
      aspects.set(`${key} ${part}`, aspect);
  }
  return aspects;
}

function* partsOf(
  resource: ResourceFact,
  name: string,
  within: string,
): Generator<[string, Aspect]> {
  const { urn, type } = resource;
  for (const path of COMPARED[type] ?? []) {
    const value = canonical(propertyOf(resource, path));
    yield [path, { urn, path, what: `${path} of ${name}`, value, within }];
  }
  const compared = LISTS[type];
  const list = compared && propertyOf(resource, compared.list);
  if (compared === undefined) return;
  if (list instanceof Unknown)
    yield [
      compared.list,
      { urn, path: compared.list, what: `${compared.list} of ${name}`, value: list, within },
    ];
  if (!Array.isArray(list)) return;
  for (const [index, item] of (list as readonly FactValue[]).entries()) {
    if (!isFactMap(item) || isPassing(item)) continue;
    const path = `${compared.list}[${index}]`;
    const what = `the ${compared.item} ${String(item.name)} of ${name}`;
    const value = canonical(item[compared.value]);
    yield [`${compared.list} ${String(item.name)}`, { urn, path, what, value, within }];
  }
}

/** While a secret rotates, a Worker has its previous value too. */
const isPassing = ({ name }: { readonly [key: string]: FactValue }): boolean =>
  typeof name === "string" && name.endsWith("_PREVIOUS");

/** Nothing, in whatever words: a program leaves out what a state shows as an empty list. */
const isEmpty = (value: FactValue | undefined): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isFactMap(value) && Object.keys(value).length === 0);

const canonical = (value: FactValue | undefined): string | Unknown =>
  value instanceof Unknown
    ? value
    : typeof value === "string"
      ? value
      : JSON.stringify(isEmpty(value) ? null : value);

/** A name without the words of its environment. */
function neutral(name: string, environment: readonly string[]): string {
  return tokensOf(name)
    .filter((word) => tiersSpelledBy(word).length === 0 && !environment.includes(word))
    .join("-");
}
