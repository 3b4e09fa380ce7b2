import { extract } from "./extract/index.ts";
import {
  type FactMap,
  type Leaf,
  leavesOf,
  type ResourceFact,
  STACK_REFERENCE_TYPE,
  systemOf,
  Unknown,
} from "./facts.ts";
import type { Observation, SecretFact, TextFact } from "./observation.ts";
import { estimateBits, type Fingerprinter } from "./secrets/index.ts";
import { isSecretName } from "./secrets/secret-names.ts";

/** Shorter texts are names of modes and regions; as secrets they are refused for their strength. */
const SHORTEST_TEXT = 8;

/** Bits. What is marked only with its surroundings counts as a secret from here on, whatever its name. */
const TELLING_BITS = 64;

/** Names under which lists of variables keep the value. */
const VALUE_NAMES: ReadonlySet<string> = new Set(["text", "value", "json", "content"]);

/**
 * Everything that the rules look at in one resource.
 *
 * @param byUrn the stack's resources so far; finds the system that the resource belongs to.
 */
export async function observe(
  resource: ResourceFact,
  byUrn: ReadonlyMap<string, ResourceFact>,
  fingerprinter: Fingerprinter,
): Promise<Observation> {
  const { claims, references, unknown } = extract(resource);
  const { secrets, texts } = await readLeaves(resource, fingerprinter);
  return {
    resource,
    system: systemOf(resource, byUrn),
    claims,
    references,
    secrets,
    texts,
    unknown,
  };
}

async function readLeaves(
  { urn, type, inputs, outputs }: ResourceFact,
  fingerprinter: Fingerprinter,
): Promise<{ secrets: SecretFact[]; texts: TextFact[] }> {
  const given = [...leavesOf(inputs)];
  const plain = new Set(given.filter(({ secret }) => !secret).map(({ path }) => path));
  // Another stack's outputs: what is used of them stands where it is used.
  const answered = type === STACK_REFERENCE_TYPE ? [] : [...leavesOf(outputs)];
  const secrets: Promise<SecretFact>[] = [];
  const texts: TextFact[] = [];
  const seen = new Set<string>();
  for (const leaf of [...given, ...answered]) {
    const { path, value } = leaf;
    if (path.startsWith("__") || value === null || typeof value === "boolean") continue;
    const secret = leaf.secret && !(leaf.inherited && plain.has(path));
    const key = JSON.stringify([path, secret, value instanceof Unknown ? "" : value]);
    if (seen.has(key)) continue;
    seen.add(key);
    if (secret && leaf.inherited && !isTelling(leaf))
      secrets.push(Promise.resolve(besideSecret(urn, path, value)));
    else if (secret) secrets.push(secretFact(urn, path, value, fingerprinter));
    else if (typeof value === "string" && value.length >= SHORTEST_TEXT)
      texts.push({ urn, path, text: value });
  }
  return { secrets: await Promise.all(secrets), texts };
}

/**
 * Whether a value that is secret with the list around it is one by itself, and not a name or a mode
 * beside it, which is the same in every stack.
 */
function isTelling({ path, value }: Leaf): boolean {
  if (typeof value !== "string") return value === undefined || value instanceof Unknown;
  const name = /([^.[\]"]+)"?\]?$/.exec(path)?.[1] ?? "";
  return VALUE_NAMES.has(name) || isSecretName(name) || estimateBits(value) >= TELLING_BITS;
}

/** It is listed, since a state shows it sealed as the rest, and is compared with nothing. */
const besideSecret = (urn: string, path: string, value: Leaf["value"]): SecretFact => ({
  urn,
  path,
  fingerprints: [],
  length: String(value).length,
  bits: undefined,
});

async function secretFact(
  urn: string,
  path: string,
  value: Leaf["value"],
  fingerprinter: Fingerprinter,
): Promise<SecretFact> {
  if (typeof value !== "string" && typeof value !== "number")
    return { urn, path, fingerprints: [], length: undefined, bits: undefined };
  const text = String(value);
  return {
    urn,
    path,
    fingerprints: await fingerprinter.secret(text),
    parts: await fingerprinter.parts(text),
    length: text.length,
    bits: estimateBits(text),
  };
}

/** Pseudo-URNs of what is no resource; no real URN looks like them. */
export type PseudoUrn = "config" | "outputs";

const PSEUDO_TYPES: Readonly<Record<PseudoUrn, string>> = {
  config: "bulkhead:isolation:Config",
  outputs: "bulkhead:isolation:Outputs",
};

/** A stack's configuration or its outputs, observed as a resource is. */
export async function observeMap(
  urn: PseudoUrn,
  values: FactMap,
  fingerprinter: Fingerprinter,
): Promise<Observation> {
  const resource: ResourceFact = {
    urn,
    type: PSEUDO_TYPES[urn],
    name: urn,
    custom: false,
    external: false,
    inputs: urn === "config" ? values : {},
    outputs: urn === "outputs" ? values : {},
    protect: false,
  };
  return observe(resource, new Map(), fingerprinter);
}
