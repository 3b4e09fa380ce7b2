import { type FactMap, type FactValue, isFactMap, joinPath, Secret, Unknown } from "../facts.ts";
import { identitiesOfText, type NamedIdentity, type TextContext } from "../identity/index.ts";
import type { Reference } from "../observation.ts";

/** A text inside a value, with what its surroundings say about it. */
interface TextLeaf extends TextContext {
  readonly path: string;
  /** The path's parts, for patterns. */
  readonly keys: readonly string[];
  readonly text: string;
}

/** What a leaf inherits from what it lies in. */
type Inherited = Omit<TextLeaf, "text">;

export interface MiningOptions {
  readonly urn: string;
  /** Cloudflare account that the texts are used in. */
  readonly account: string | undefined;
  /** Patterns of paths to leave out. */
  readonly ignore: readonly string[];
}

/** Keys of values; what they are the value of stands beside them. */
const VALUE_KEYS: ReadonlySet<string> = new Set(["value", "text", "json", "defaultValue"]);
const NAME_KEYS = ["name", "key", "variable"] as const;

/** Pulumi's key for what kind of special value an object is; the kinds' signatures look like ids. */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";

/** JSON longer than this is read as a text, and values deeper than this are not read. */
const LARGEST_JSON = 65_536;
const DEEPEST = 64;

/** What the texts of several values name; a text that stands twice at one path counts once. */
export function mine(values: readonly FactMap[], options: MiningOptions): Reference[] {
  const patterns = options.ignore.map((pattern) => pattern.split("."));
  const seen = new Set<string>();
  const references: Reference[] = [];
  for (const value of values) {
    for (const leaf of textsOf(value, { path: "", keys: [] })) {
      const key = JSON.stringify([leaf.path, leaf.text]);
      if (seen.has(key) || patterns.some((pattern) => isBelow(leaf.keys, pattern))) continue;
      seen.add(key);
      references.push(...mineLeaf(leaf, options));
    }
  }
  return references;
}

/** What one text names. */
export function mineText(urn: string, path: string, text: string, secret: boolean): Reference[] {
  const name = path.replace(/(?:\[\d+\])+$/, "").replace(/^.*\./s, "");
  const leaf = { path, keys: [], text, name, secret };
  return mineLeaf(leaf, { urn, account: undefined, ignore: [] });
}

function mineLeaf(leaf: TextLeaf, { urn, account }: MiningOptions): Reference[] {
  const inner = jsonOf(leaf.text);
  const leaves = inner === undefined ? [leaf] : [...textsOf(inner, leaf)];
  const found = leaves.flatMap((one): NamedIdentity[] =>
    identitiesOfText(one.text, { ...one, account }),
  );
  return found.map(({ identity, kind }) => ({ identity, urn, path: leaf.path, kind }));
}

function* textsOf(value: FactValue | undefined, at: Inherited, depth = 0): Generator<TextLeaf> {
  if (depth > DEEPEST || value === undefined || value instanceof Unknown) return;
  if (typeof value === "string") {
    yield { ...at, text: value };
  } else if (value instanceof Secret) {
    yield* textsOf(value.value, { ...at, secret: true }, depth + 1);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const path = `${at.path}[${index}]`;
      yield* textsOf(item, { ...at, path, keys: [...at.keys, String(index)] }, depth + 1);
    }
  } else if (isFactMap(value)) {
    const port = portIn(value);
    for (const [key, item] of Object.entries(value)) {
      // The engine's own: defaults, versions, and constants of bridged providers.
      if (key.startsWith("__") || key === SIGNATURE_KEY) continue;
      const path = joinPath(at.path, key);
      const name = (VALUE_KEYS.has(key) ? nameIn(value) : undefined) ?? key;
      yield* textsOf(item, { ...at, path, keys: [...at.keys, key], name, port }, depth + 1);
    }
  }
}

function nameIn(value: FactMap): string | undefined {
  const name = NAME_KEYS.map((key) => value[key]).find((text) => typeof text === "string");
  return typeof name === "string" ? name : undefined;
}

function portIn({ port }: FactMap): number | undefined {
  return typeof port === "number" || typeof port === "string" ? Number(port) : undefined;
}

/** The object or array that a text holds as JSON. */
function jsonOf(text: string): FactValue | undefined {
  if (!/^\s*[[{]/.test(text) || text.length > LARGEST_JSON) return undefined;
  try {
    return JSON.parse(text) as FactValue;
  } catch {
    return undefined;
  }
}

/** True for a path at a pattern or below it. */
function isBelow(keys: readonly string[], pattern: readonly string[]): boolean {
  return pattern.every((segment, index) => segment === "*" || segment === keys[index]);
}
